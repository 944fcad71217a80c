// Proves that the watch of every other spec sees what it should: each misdeed is committed once, on purpose.
import { createServer, type Server } from "node:http";
import { expect, test } from "./support/test.ts";

/** Another origin on this machine. */
async function stranger(): Promise<{ server: Server; url: string }> {
  const server = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<h1>Elsewhere</h1>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, url: `http://127.0.0.1:${address.port}/` };
}

test.use({ role: "nobody" });

test("a request off the origin is noticed", async ({ page, watch }) => {
  const { server, url } = await stranger();
  await page.goto("/sign-in");
  expect(watch.problems).toEqual([]);
  await page.goto(url);
  expect(watch.take()).toContain(`request off the origin: GET ${url}`);
  server.close();
});

test("a status of 500 and a failed request are noticed", async ({ page, watch }) => {
  await page.route("**/broken", (route) => route.fulfill({ status: 500, body: "no" }));
  await page.route("**/unreachable", (route) => route.abort("connectionrefused"));
  await page.goto("/broken");
  await expect(page.goto("/unreachable")).rejects.toThrow();
  const problems = watch.take().join("\n");
  expect(problems).toContain("status 500: GET");
  expect(problems).toMatch(/failed request: GET \S+\/unreachable/);
});
