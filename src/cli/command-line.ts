import { readFile } from 'node:fs/promises';
import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { endingOf, sayEnding } from './error-report.js';
import { EXIT } from './exit-codes.js';
import { understood, unexpectedArgument, unknownCommand } from './other-words.js';
import { stdoutFailure, taken, watchStdout } from './output.js';

const SAYS_THAT_ALL_WENT_WELL = new Set<typeof process.exitCode>([undefined, EXIT.done, EXIT.different]);

/**
 * Runs one command line and ends the process with its exit code, once everything written has been taken.
 *
 * @param root the address of a module of this package: oclif finds the package by it
 */
export async function main(typed: string[], root: string): Promise<never> {
  const argv = understood(typed);
  const end = (error: unknown): void => {
    const json = argv.includes('--json');
    const ending = endingOf(error, { json, secrets: [] });
    sayEnding(ending, json);
    process.exitCode = ending.exitCode;
  };
  // Node would print such an error with all its properties, and so with the credentials of a connection.
  process.on('uncaughtException', (error) => {
    end(error);
    process.exit();
  });
  watchStdout();
  try {
    const config = await Config.load(root);
    refuseUnknown(argv, config);
    if (asksForVersion(argv, config)) process.stdout.write(`${await versionText(config)}\n`);
    else await run(argv, config);
  } catch (error) {
    end(error);
  }
  await Promise.all([taken(process.stdout), taken(process.stderr)]);
  const undelivered = stdoutFailure();
  // A result that nobody got is no success; an earlier error weighs more.
  if (undelivered && SAYS_THAT_ALL_WENT_WELL.has(process.exitCode)) end(undelivered);
  process.exit();
}

/** oclif answers `sandbox upp` with the help of `sandbox` and the exit code 0, and other unknown words without advice. */
function refuseUnknown(argv: string[], config: Config): void {
  const [first, second] = argv;
  if (first === undefined || asksForVersion(argv, config)) return;
  if (first === '--help' || config.pjson.oclif.additionalHelpFlags?.includes(first)) return;
  const command = config.findCommand(first) ?? config.findCommand(`${first}:${second ?? ''}`);
  if (command === undefined) {
    if (config.findTopic(first) && (second === undefined || second.startsWith('-'))) return;
    throw unknownCommand(argv, config.commandIDs);
  }
  const words = argv.slice(first === command.id ? 1 : 2);
  const [extra = '-'] = words;
  if (Object.keys(command.args).length === 0 && !extra.startsWith('-'))
    throw unexpectedArgument(extra, command.id);
}

function asksForVersion([first = '']: string[], config: Config): boolean {
  return ['--version', ...(config.pjson.oclif.additionalVersionFlags ?? [])].includes(first);
}

/** What oclif prints for `--version`, and the commit where it is known. */
async function versionText(config: Config): Promise<string> {
  const commit = await builtFrom();
  return commit === null ? config.userAgent : `${config.userAgent} commit-${commit}`;
}

/** The commit of this build, as `bin/note-commit.js` noted it; null where it is not known. */
async function builtFrom(): Promise<string | null> {
  const noted = await readFile(new URL('../commit.txt', import.meta.url), 'utf8').catch(() => '');
  const commit = noted.trim();
  return /^[0-9a-f]{7,64}(-dirty)?$/.test(commit) ? commit : null;
}
