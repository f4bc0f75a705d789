// Reads a run with AG-UI's own agent, once whole and once over connections that break, and prints what it held at the end.
// node read.mjs FOLDER_OF_THE_PACKAGE URL
import { createRequire } from "node:module";

const [folder, url] = process.argv.slice(2);
const { HttpAgent } = createRequire(`${folder}/`)("@ag-ui/client");

class Reader extends HttpAgent {
  requestInit() {
    return { method: "GET", headers: { Accept: "text/event-stream" } };
  }
}

// The agent knows no cuts: this goes on behind the last id whenever a connection breaks, as a front end would.
async function resuming(address, init) {
  let last = "";
  let reader = await connected();
  async function connected() {
    const headers = { ...init.headers, ...(last && { "Last-Event-ID": last }) };
    const answer = await fetch(address, { ...init, headers });
    return answer.status === 204 ? null : answer.body.getReader();
  }
  const stream = new ReadableStream({
    async pull(controller) {
      while (reader) {
        try {
          const { done, value } = await reader.read();
          if (done) break;
          for (const [, id] of new TextDecoder().decode(value).matchAll(/^id: (.*)$/gm)) last = id;
          controller.enqueue(value);
          return;
        } catch {
          reader = await connected();
        }
      }
      controller.close();
    },
  });
  return new Response(stream, { headers: { "Content-Type": "text/event-stream" } });
}

const whole = (address, init) => fetch(address, { ...init, headers: { ...init.headers, "X-Uncut": "yes" } });

async function read(fetching) {
  const agent = new Reader({ url, threadId: "t", fetch: fetching });
  const events = [];
  await agent.runAgent({}, { onEvent: ({ event }) => void events.push(event) });
  return { events, messages: agent.messages, state: agent.state };
}

console.log(JSON.stringify({ whole: await read(whole), cut: await read(resuming) }));
