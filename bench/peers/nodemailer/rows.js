// The peer that reads: nodemailer with a pool of 10 connections and TCP_NODELAY, and the messages from the same rows of the same PostgreSQL,
// page by page along the primary key, the next page while this one is sent. It makes the message that we make, with a token of its own for each
// recipient's link and Message-ID, and writes nothing. Prints messages per second.
const { createHmac, randomBytes } = require("node:crypto");
const net = require("node:net");
const nodemailer = require("nodemailer");
const { Client } = require("pg");

const [port, bytes, host, tenant, warmUp, campaign] = process.argv.slice(2);
const page = 500;
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port: Number(port), secure: false, ignoreTLS: true, pool: true, maxConnections: 10, maxMessages: Infinity,
  getSocket: (options, done) => {
    const socket = net.connect(Number(port), "127.0.0.1", () => { socket.setNoDelay(true); done(null, { connection: socket }); });
    socket.once("error", done);
  },
});
const filling = "x".repeat(70) + "\n" + ("y".repeat(75) + "\n").repeat(Math.floor((Number(bytes) - 300) / 76));
const key = randomBytes(32);
const token = (purpose, id) => createHmac("sha256", key).update(purpose + id).digest("base64url");

function message({ id, address, fields }) {
  const name = fields.first_name ?? "there";
  const link = "https://mail.bench.example/u/" + token("link", id);
  return {
    from: "Sender <sender@bench.example>", to: address, subject: `Hello ${name}`, messageId: `<${token("thread", id)}@bench.example>`,
    headers: { "List-Unsubscribe": `<${link}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
    text: `Hello ${name}\n${filling}${link}\n1 Street\n`,
  };
}

async function* rows(database, id) {
  const read = (after) => database.query({
    name: "page", values: [tenant, id, after, page],
    text: "select id, address, fields from delivery.message where tenant_id = $1 and campaign_id = $2 and id > $3 order by tenant_id, id limit $4",
  });
  let next = read("00000000-0000-0000-0000-000000000000");
  for (;;) {
    const { rows } = await next;
    if (rows.length === 0) return;
    next = read(rows[rows.length - 1].id);
    yield* rows;
  }
}

// Twice as many under way as connections, so that each has a next message.
async function send(database, id) {
  const source = rows(database, id);
  let sent = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    for (let row; !(row = await source.next()).done; sent++) {
      await transport.sendMail(message(row.value));
    }
  }));
  return sent;
}

async function main() {
  const database = new Client({ host, user: "penguin_app", database: "penguin" });
  await database.connect();
  await database.query("select set_config('app.tenant_id', $1, false)", [tenant]);
  await send(database, warmUp);
  const started = process.hrtime.bigint();
  const sent = await send(database, campaign);
  console.log(sent / (Number(process.hrtime.bigint() - started) / 1e9));
  transport.close();
  await database.end();
}
main().catch((error) => { console.error(error); process.exit(1); });
