"""Everything that can be measured, in the order of the tables."""

from .floor import Floor
from .gateways import Litellm, Portkey, PortkeyStreams
from .h2o import H2o
from .haproxy import Haproxy, HaproxyJson
from .nginx import Nginx, NginxLua
from .spillway import Spillway, SpillwayChain, SpillwayMock

OURS = ("floor", "spillway", "spillway-chain")


def all_peers():
    return [
        Floor(),
        Spillway(),
        SpillwayChain(),
        Nginx(),
        NginxLua(),
        Haproxy(),
        HaproxyJson(),
        H2o(),
        Portkey(),
        PortkeyStreams(),
        Litellm(),
        SpillwayMock(),
    ]
