// What the simulator says of a request, as its panel shows it in Indonesian. That each sentence is in the table is
// a test of the simulator's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const source = readFileSync(new URL("../../assets/sentences.js", import.meta.url), "utf8");
/** A module by its text: the file ends in `.js`, which Node takes for CommonJS. */
const load = (code) => import(`data:text/javascript,${encodeURIComponent(code)}`);
const { inIndonesian, INDONESIAN } = await load(`${source}\nexport { INDONESIAN };`);

test("each sentence is found with its values", () => {
  for (const [english, indonesian] of Object.entries(INDONESIAN)) {
    const filled = (text) => text.replace(/\{(\w*)\}/g, (_, name) => `<${name}>`);
    assert.equal(inIndonesian(english), indonesian);
    // The same words with other names of values are one sentence.
    const nameless = (text) => filled(text).replace(/<\w*>/g, "<>");
    assert.equal(nameless(inIndonesian(filled(english)) ?? ""), nameless(indonesian), english);
  }
});

test("a value that is a sentence is translated, too", () => {
  for (const [english, indonesian] of [
    [
      "it is written in hex: write it in base64; and `Bearer` is part of the token: sign the token alone",
      "ditulis dalam hex: tulis dalam base64; dan `Bearer` ikut dalam token: tanda tangani token saja",
    ],
    [
      "it is the client key of Snap: send `Authorization: Basic ` and the AuthCredentials as they are",
      "isinya client key Snap: kirim `Authorization: Basic ` dan AuthCredentials apa adanya",
    ],
    ["`on` is missing: it is true or false", "`on` tidak ada: seharusnya true atau false"],
    ["the payment is expired and cannot change any more", "pembayaran sudah kedaluwarsa dan tidak dapat berubah lagi"],
    [
      "POST /v1.0/qr/qr-mpm-generate: the simulator does not play QRIS",
      "POST /v1.0/qr/qr-mpm-generate: simulator tidak memerankan QRIS",
    ],
  ]) {
    assert.equal(inIndonesian(english), indonesian);
  }
});

test("what others say has no translation", () => {
  for (const text of ["Transaction Not Found", "2005400 Successful", "missing field `mode`", "", "GP.launchPayment 202", "constructor"]) {
    assert.equal(inIndonesian(text), undefined, text);
  }
});
