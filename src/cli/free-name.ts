import { existsSync } from 'node:fs';

/** The name, or one with a number where a file of that name is there: a recommended command must not be refused for it. */
export function freeName(name: string): string {
  const [, stem = name, ending = ''] = /^(.*?)(\.[^/]*)?$/s.exec(name) ?? [];
  let free = name;
  for (let number = 2; existsSync(free); number++) free = `${stem}-${number}${ending}`;
  return free;
}
