import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder until the owner has ended: a test, or `{ after }` for all tests of a file. */
export function makeFolder(owner) {
  const folder = mkdtempSync(path.join(tmpdir(), "gopay-simulator-test-"));
  owner.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
