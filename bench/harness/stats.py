"""The statistics: samples of all rounds, their medians, and ratios that are the median of each round's own."""

import dataclasses
import statistics


@dataclasses.dataclass
class Sample:
    work: str
    peer: str  # "direct" without a proxy
    round: int
    values: dict
    failed: str = ""


class Results:
    def __init__(self, samples=()):
        self.samples = list(samples)

    def add(self, sample):
        self.samples.append(sample)

    def peers(self, work):
        """Those with a sample, in the order they came, failed ones too."""
        return list(dict.fromkeys(one.peer for one in self.samples if one.work == work))

    def by_round(self, work, peer, value):
        return {
            one.round: one.values[value]
            for one in self.samples
            if one.work == work and one.peer == peer and not one.failed and value in one.values
        }

    def failure(self, work, peer):
        """Why a peer has no figure, or how many rounds it lost."""
        all_of_it = [one for one in self.samples if one.work == work and one.peer == peer]
        failed = [one for one in all_of_it if one.failed]
        if not failed:
            return ""
        return (
            failed[0].failed
            if len(failed) == len(all_of_it)
            else f"{len(failed)} of {len(all_of_it)} rounds failed: {failed[0].failed}"
        )

    def median(self, work, peer, value):
        found = [one for one in self.by_round(work, peer, value).values() if isinstance(one, (int, float))]
        return statistics.median(found) if found else None

    def text(self, work, peer, value):
        return next((one for one in self.by_round(work, peer, value).values()), "")

    def ratio(self, work, peer, value, base):
        """Rounds are compared with themselves, because noise comes in spells longer than a round."""
        ours, theirs = self.by_round(work, peer, value), self.by_round(work, base, value)
        ratios = [ours[one] / theirs[one] for one in ours if theirs.get(one)]
        return statistics.median(ratios) if ratios else None

    def added(self, work, peer, value, base="direct"):
        ours, theirs = self.by_round(work, peer, value), self.by_round(work, base, value)
        differences = [ours[one] - theirs[one] for one in ours if one in theirs]
        return statistics.median(differences) if differences else None
