// Starts `spillway mock` and `spillway serve` on free ports, and stops them.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
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

const run = (args) => spawn(binary, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, CLIENT_KEY: "client-secret-key", UP_KEY: "provider-key-1" } });

export async function spillwayWithMock() {
  const [up, port] = [await freePort(), await freePort()];
  const directory = mkdtempSync(join(tmpdir(), "spillway-"));
  const config = join(directory, "spillway.toml");
  const routes = { chat: "ok", stream: "sse-5-0ms", slow: "sse-500-20ms", broken: "reset-midstream" };
  writeFileSync(config, `
[server]
listen = ["127.0.0.1:${port}"]
[admin]
listen = []
[log]
access = "off"
[store]
url = "memory:"
[[key]]
name = "tests"
secret = "env:CLIENT_KEY"
[[provider]]
name = "up"
base_url = "http://127.0.0.1:${up}/v1"
api_key = "env:UP_KEY"
${Object.entries(routes).map(([name, model]) => `[[route]]
model = "${name}"
targets = [{ provider = "up", model = "${model}" }]`).join("\n")}
`);
  const mock = run(["mock", "--listen", `127.0.0.1:${up}`, "--api-key", "provider-key-1"]);
  await reachable(`http://127.0.0.1:${up}/mock/stats`);
  const gate = run(["serve", "-c", config]);
  await reachable(`http://127.0.0.1:${port}/health`);
  return {
    port,
    mockStats: async () => (await fetch(`http://127.0.0.1:${up}/mock/stats`)).json(),
    stop: async () => {
      for (const child of [gate, mock]) {
        child.kill("SIGTERM");
        if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
      }
      rmSync(directory, { recursive: true });
    },
  };
}
