import { existsSync } from 'node:fs';

/** The name, or one with a number where a file of that name is there: a recommended command must not be refused for it. */
export function freeName(name: string): string {
  const [, stem = name, ending = ''] = /^(.*?)(\.[^/]*)?$/s.exec(name) ?? [];
  let free = name;
  for (let number = 2; existsSync(free); number++) free = `${stem}-${number}${ending}`;
  return free;
}

/** The name of a plan, or that of the same plan packed where it lies here only so. */
export function nameThere(name: string): string {
  return !existsSync(name) && existsSync(`${name}.gz`) ? `${name}.gz` : name;
}
