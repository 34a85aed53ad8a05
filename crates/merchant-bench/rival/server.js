// The notification route as a merchant writes it in Node: express, the vendor's client, SQLite. It verifies the
// signature, records the notification once, and marks the order as paid, durably, before it answers.
//
// node server.js PORT DATABASE PUBLIC_KEY

"use strict";

const fs = require("node:fs");
const Database = require("better-sqlite3");
const express = require("express");
const { SnapBi, SnapBiConfig } = require("midtrans-client");

const [port, path, key] = process.argv.slice(2);
SnapBiConfig.snapBiPublicKey = fs.readFileSync(key, "utf8");

const database = new Database(path);
database.pragma("journal_mode = WAL");
// As the merchant: what was acknowledged survives a power cut.
database.pragma("synchronous = FULL");
database.exec(`
  create table if not exists orders (reference_no text primary key, status text not null, amount text);
  create table if not exists notifications (reference_no text, status text, body text, primary key (reference_no, status));
`);
const insert = database.prepare("insert into notifications values (?, ?, ?) on conflict do nothing");
const update = database.prepare(
  "insert into orders values (?, ?, ?) on conflict (reference_no) do update set status = excluded.status",
);
const record = database.transaction((body) => {
  const { originalReferenceNo: reference, latestTransactionStatus: status, amount } = body;
  if (insert.run(reference, status, JSON.stringify(body)).changes > 0) {
    update.run(reference, status, amount?.value ?? null);
  }
});

const app = express();
app.disable("x-powered-by");
app.use(express.json());
app.post("/v1.0/debit/notify", (request, response) => {
  let verified = false;
  try {
    verified = SnapBi.notification()
      .withNotificationPayload(request.body)
      .withSignature(request.get("x-signature"))
      .withTimeStamp(request.get("x-timestamp"))
      .withNotificationUrlPath("/v1.0/debit/notify")
      .isWebhookNotificationVerified();
  } catch {
    // Not a signature.
  }
  if (!verified) {
    return response.status(401).json({ responseCode: "4015600", responseMessage: "Unauthorized. Signature" });
  }
  record(request.body);
  response.json({ responseCode: "2005600", responseMessage: "Request has been processed successfully" });
});
app.listen(Number(port), "127.0.0.1");
