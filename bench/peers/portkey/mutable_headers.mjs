// Portkey's 1.15.2 appends to the header of what fetch returned, which Node refuses, so that every streamed answer
// becomes a 500. Loaded before it, this gives it answers whose header can be changed, so that its streams can be measured.
const original = globalThis.fetch;
globalThis.fetch = async (...given) => {
  const answer = await original(...given);
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers: answer.headers });
};
