// Answers questions about JavaScript's JSON, one JSON line each. Texts go through JSON.parse, as in the provider's backend.
const crypto = require("crypto");
const lines = require("readline").createInterface({ input: process.stdin, terminal: false });

function answer(question) {
  if (question.callback !== undefined) {
    const { event, data } = JSON.parse(question.callback);
    const signed = JSON.stringify({ event, data });
    const signature = "sha256=" + crypto.createHmac("sha256", question.secret).update(signed).digest("hex");
    const envelope = { event, data, signature };
    return { header: signature, body: JSON.stringify(envelope), pretty: JSON.stringify(envelope, null, 2), signed };
  }
  if (question.hmac !== undefined) {
    return { hex: crypto.createHmac("sha256", question.secret).update(question.hmac).digest("hex") };
  }
  return { text: JSON.stringify(JSON.parse(question.stringify)) };
}

lines.on("line", (line) => process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n"));
