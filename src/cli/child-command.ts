import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ChildPlace {
  readonly directory: string;
  /** All variables that name the databases. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One command line of this tool in a process of its own; its output goes where this process writes. */
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
        // What is shown goes by on its own terms; nobody is there to leave a pager.
        env: { ...withoutDatabases(process.env), ...place.environment, FIX_ROLES_PAGER: '' },
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    );
  }

  end(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

export function namesDatabase(variable: string): boolean {
  return /^(MONGODB_URI|DB_NAME|POSTGRES_.*)$/.test(variable);
}

/** The variables that name the user's own databases must not reach the child. */
function withoutDatabases(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !namesDatabase(name)));
}
