import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A password in which everything has to be encoded somewhere, and what must nowhere be found of it. */
export interface Canary {
  readonly password: string;
  readonly encoded: string;
}

export function canary(name: string): Canary {
  const password = `cAnArY-${name}-p@ss:w/rd?#%&+ "'x`;
  return { password, encoded: encodeURIComponent(password) };
}

/** A text that was found to hold a credential. */
export interface Leak {
  readonly where: string;
  readonly what: string;
}

/**
 * Looks for canaries in whatever a tool leaves behind: whole, in any encoding that a program may put them in, and the
 * telling part of them alone, which survives every way of cutting.
 */
export class CanaryHunter {
  readonly leaks: Leak[] = [];
  #searched = 0;
  readonly #marks: readonly string[];

  constructor(canaries: readonly Canary[]) {
    this.#marks = canaries.flatMap(({ password, encoded }) => {
      const telling = /cAnArY-[a-z]+-p/.exec(password)?.[0] ?? password;
      const bytes = Buffer.from(password);
      return [
        ...[
          password,
          encoded,
          encoded.toLowerCase(),
          encodeURIComponent(encoded),
          encodeURI(password),
          telling,
        ],
        ...[JSON.stringify(password).slice(1, -1), bytes.toString('hex')],
        ...[bytes.toString('base64').slice(0, 20), bytes.toString('base64url').slice(0, 20)],
      ];
    });
  }

  /** How many texts were looked through: a hunt in nothing proves nothing. */
  get searched(): number {
    return this.#searched;
  }

  search(where: string, text: string): void {
    this.#searched += 1;
    const found = this.#marks.find((mark) => text.includes(mark));
    if (found !== undefined) this.leaks.push({ where, what: found });
  }

  /** Every file below a folder, except those in which the passwords were planted. */
  async searchFolder(folder: string, planted: readonly string[]): Promise<void> {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      this.search('a file name', path);
      if (entry.isFile() && !planted.includes(path)) this.search(path, await readFile(path, 'latin1'));
    }
  }

  /** The command lines of a process and of all processes below it, as anybody on the machine can read them. */
  async searchProcesses(root: number): Promise<void> {
    const family = new Set([root]);
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    for (const pid of pids.sort((a, b) => a - b)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const parent = Number(/^PPid:\t(\d+)/m.exec(status)?.[1]);
      if (family.has(parent)) family.add(pid);
      if (!family.has(pid)) continue;
      this.search(
        `the command line of ${pid}`,
        await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      );
      this.search(`the name of ${pid}`, await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => ''));
    }
  }
}
