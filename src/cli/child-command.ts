import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Where a child runs. */
export interface ChildPlace {
  readonly directory: string;
  /** The variables that name the databases, all of them. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One command line of this tool in a process of its own, which writes to where this process writes. */
export class ChildCommand {
  /** Its exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = once(child, 'close').then(() => child.exitCode);
  }

  /** @param program the JavaScript file that starts the tool */
  static start(program: string, args: readonly string[], place: ChildPlace): ChildCommand {
    return new ChildCommand(
      spawn(process.execPath, [program, ...args], {
        cwd: place.directory,
        env: { ...withoutDatabases(process.env), ...place.environment },
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    );
  }

  end(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Whether a variable is one of those that name the databases. */
export function namesDatabase(variable: string): boolean {
  return /^(MONGODB_URI|DB_NAME|POSTGRES_.*)$/.test(variable);
}

/** What names the user's own databases must neither be used nor get in the way. */
function withoutDatabases(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !namesDatabase(name)));
}
