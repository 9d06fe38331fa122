import { readFile } from 'node:fs/promises';

/** The commit that this build was made from, as `bin/note-commit.js` noted it; null where that is not known. */
export async function builtFrom(): Promise<string | null> {
  const noted = await readFile(new URL('../commit.txt', import.meta.url), 'utf8').catch(() => '');
  const commit = noted.trim();
  return /^[0-9a-f]{7,64}(-dirty)?$/.test(commit) ? commit : null;
}
