import { appendFile, readFile } from "node:fs/promises";

/**
 * Parts of secrets that are known beforehand, and must turn up nowhere: those of `crates/test-kit/src/canaries.rs`
 * that a merchant with keys of its own meets.
 */
const CANARIES = {
  "a secret of GoPay's": "RahasiaKenari7x",
  "a private key": "PRIVATE KEY-----",
  "an e-mail address": "@surat.example",
};

/** A secret as it may be written: as it is, in base64 wherever it begins, in hex, percent-encoded. */
export function spellings(secret: string): string[] {
  const base64 = [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.from("\0".repeat(offset) + secret).toString("base64");
    // Whole letters of this secret only, none that it shares with its neighbours.
    const part = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + secret.length) * 8) / 6));
    return [part, part.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const hex = Buffer.from(secret).toString("hex");
  const percent = hex.toUpperCase().replaceAll(/../g, "%$&");
  return [secret, ...base64, hex, hex.toUpperCase(), percent, encodeURIComponent(secret)];
}

const SPELT = Object.entries(CANARIES).flatMap(([what, canary]) => spellings(canary).map((it) => [what, it] as const));

/** The canaries in a text. */
export function canariesIn(text: string): string[] {
  return SPELT.filter(([, spelling]) => text.includes(spelling)).map(([what, spelling]) => `${what} as ${spelling}`);
}

/**
 * The canaries in these texts, by place. Where `CANARIES` names a file, a line there says that a place was
 * searched, and begins with `hit` where something was found.
 */
export async function scan(places: Record<string, string>): Promise<string[]> {
  const found = Object.entries(places).map(([place, text]) => [place, canariesIn(text)] as const);
  const counts = process.env.CANARIES;
  const lines = found.map(([place, hits]) => `${hits.length > 0 ? "hit " : ""}${place}\n`);
  if (counts) await appendFile(counts, lines.join(""));
  return found.flatMap(([place, hits]) => hits.map((it) => `${it} in ${place}`));
}

/** A database as it lies on the disk, each byte a character. */
export async function databaseFiles(path: string): Promise<Record<string, string>> {
  const files = [path, `${path}-wal`].map(async (file) => {
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      // There is none after the last connection is closed.
      if (file !== path && error.code === "ENOENT") return Buffer.alloc(0);
      throw error;
    });
    return [file, bytes.toString("latin1")] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}
