// The peer: nodemailer with a pool of 10 connections and TCP_NODELAY. Prints messages per second.
const net = require("node:net");
const nodemailer = require("nodemailer");

const [port, count, bytes] = process.argv.slice(2).map(Number);
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port, secure: false, ignoreTLS: true, pool: true, maxConnections: 10, maxMessages: Infinity,
  getSocket: (options, done) => {
    const socket = net.connect(port, "127.0.0.1", () => { socket.setNoDelay(true); done(null, { connection: socket }); });
    socket.once("error", done);
  },
});
const text = ("y".repeat(75) + "\n").repeat(Math.floor((bytes - 300) / 76));

// Twice as many under way as connections, so that each has a next message and none waits in memory for long.
const send = (messages) => {
  let i = 0;
  return Promise.all(Array.from({ length: 20 }, async () => {
    while (i < messages) {
      i++;
      await transport.sendMail({ from: "sender@bench.example", to: `person${i}@company${i % 1000}.example`, subject: "Hello Anna", text });
    }
  }));
};

async function main() {
  await send(5000);
  const started = process.hrtime.bigint();
  await send(count);
  console.log(count / (Number(process.hrtime.bigint() - started) / 1e9));
  transport.close();
}
main().catch((error) => { console.error(error); process.exit(1); });
