// Starts `spillway mock` and `spillway serve` on free ports, and stops them.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.SPILLWAY_BINARY ?? "../../build/release/spillway";

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function reachable(url) {
  for (let i = 0; i < 500; i++) {
    try {
      return await fetch(url);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`nothing answers at ${url}`);
}

async function listening(port) {
  for (let i = 0; i < 500; i++) {
    const there = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing listens at ${port}`);
}

const run = (args) => spawn(binary, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, CLIENT_KEY: "client-secret-key", UP_KEY: "provider-key-1" } });

// `providers(origin)` and `routes`: the config's own parts, the mock being at `origin`; `server`: more of [server].
export async function start(providers, routes, server = "") {
  const [up, port] = [await freePort(), await freePort()];
  const mockOrigin = `http://127.0.0.1:${up}`;
  const directory = mkdtempSync(join(tmpdir(), "spillway-"));
  const config = join(directory, "spillway.toml");
  writeFileSync(config, `
[server]
listen = ["127.0.0.1:${port}"]
${server}
[admin]
listen = []
[log]
access = "off"
[store]
url = "memory:"
[[key]]
name = "tests"
secret = "env:CLIENT_KEY"
${providers(mockOrigin).map(({ name, dialect, url }) => `[[provider]]
name = "${name}"
dialect = "${dialect}"
base_url = "${url}"
api_key = "env:UP_KEY"`).join("\n")}
${routes.map(({ name, provider, model }) => `[[route]]
model = "${name}"
targets = [{ provider = "${provider}", model = "${model}" }]`).join("\n")}
`);
  const mock = run(["mock", "--listen", `127.0.0.1:${up}`, "--api-key", "provider-key-1"]);
  await reachable(`${mockOrigin}/mock/stats`);
  const gate = run(["serve", "-c", config]);
  await listening(port);
  const mockStats = async () => (await fetch(`${mockOrigin}/mock/stats`)).json();
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    mock: mockOrigin,
    mockStats,
    leftEarly: async () => (await mockStats()).left_early,
    stop: async () => {
      for (const child of [gate, mock]) {
        child.kill("SIGTERM");
        if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
      }
      rmSync(directory, { recursive: true });
    },
  };
}

export function spillwayWithMock() {
  const routes = { chat: "ok", stream: "sse-5-0ms", slow: "sse-500-20ms", broken: "reset-midstream" };
  return start(
    (origin) => [{ name: "up", dialect: "openai", url: `${origin}/v1` }],
    Object.entries(routes).map(([name, model]) => ({ name, provider: "up", model })),
  );
}

// A provider for each wire, and for each a route for each behaviour: "gemini-ok".
export const matrixWithMock = (wires, behaviours) =>
  start(
    (origin) => wires.map(({ name, dialect, root }) => ({ name, dialect, url: origin + root })),
    wires.flatMap(({ name }) => behaviours.map((model) => ({ name: `${name}-${model}`, provider: name, model }))),
  );
