// nodemailer in its pool: twelve messages and one that is refused. Arguments: the package, the port, whether TLS and a log-in are wanted.
const nodemailer = require(process.argv[2]);
const tls = process.argv[4] === "True";
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port: Number(process.argv[3]), pool: true, maxConnections: 3, secure: false, ignoreTLS: !tls, requireTLS: tls,
  tls: { servername: "mx.far.example", ca: process.env.CA }, auth: tls ? { user: "olivia", pass: "sesame" } : undefined,
});
const send = (to) => transport.sendMail({ from: "n@node.example", to, subject: "Größe " + to, text: ".\n..\nText für dich\n", attachments: [{ filename: "ä.bin", content: Buffer.alloc(50000, 7) }] });
(async () => {
  await Promise.all(Array.from({ length: 12 }, (_, i) => send(`node${i}@far.example`)));
  await send("unknown@far.example").then(() => console.log("taken"), (refused) => console.log(refused.responseCode, refused.response));
  transport.close();
})().catch((trouble) => { console.error(trouble); process.exit(1); });
