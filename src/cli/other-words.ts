import { unpackedName } from '../files/gzip.js';
import type { Failure } from '../model/failure.js';
import { nearest } from '../config/did-you-mean.js';
import { commandLine, shellWord } from '../views/next-command.js';
import { usageFailure, withoutUserInfo, withoutValue } from './error-report.js';

/**
 * What other tools call something, and the answer here; `PLAN` and `RECEIPT` get the name of a file that was typed.
 */
const COMMANDS: Readonly<Record<string, string>> = {
  'undo rollback unapply down downgrade restore': 'fix-roles revert RECEIPT -o revert.json',
  'status state info drift':
    'fix-roles plan --detailed-exitcode exits with 2 if there is anything to repair; fix-roles verify PLAN compares a plan',
  'migrate up update upgrade deploy latest push sync fix repair run execute exec start':
    'fix-roles plan -o PLAN, then fix-roles show PLAN, then fix-roles apply PLAN',
  'preview dry-run dryrun simulate what-if noop': 'fix-roles plan, which writes to no database',
  'validate lint':
    'fix-roles show PLAN proves the file itself, fix-roles verify PLAN compares it with the databases',
  'check test ping connect health':
    'fix-roles doctor looks at the databases, fix-roles verify PLAN compares a plan with them',
  'view cat print inspect describe get review list ls report output': 'fix-roles show PLAN',
  'history log logs audit changelog': 'fix-roles show RECEIPT',
  'sign confirm accept': 'fix-roles approve PLAN',
  compare: 'fix-roles diff OLD NEW',
  'config configure setup install create generate new': 'fix-roles init',
  'demo tour try seed': 'fix-roles sandbox demo, or fix-roles sandbox up',
  'autocomplete completions': 'fix-roles completion bash (or zsh, fish)',
  'resume continue retry redo finish':
    'fix-roles apply PLAN, the same command again: it goes on where it ended',
  'unlock force-unlock':
    'nothing; the lock of apply ends with its process, and fix-roles apply PLAN names who holds it',
  'stop abort cancel kill pause': 'Ctrl-C in the running apply, which finishes the teams in flight',
  'import refresh baseline taint untaint mark changelog-sync':
    'nothing; no state is kept beside the databases, which every plan reads anew',
  'destroy clean drop reset delete remove purge':
    'nothing; roles are taken away only by what a plan says, and fix-roles revert RECEIPT takes an apply back',
  'workspace env environment login use context':
    'a file of variables for each environment: fix-roles plan --dotenv staging.env',
  'fmt format': 'nothing; a plan proves itself by its bytes, and must stay as it was written',
};

/** What other tools call a flag, and what it is called here, or what it is about. */
const FLAGS: Readonly<Record<string, string>> = {
  'dry-run dryrun noop no-op what-if simulate preview check n': 'nothing-written',
  'auto-approve approve assume-yes confirm no-confirm skip-confirm non-interactive no-input no-prompt y':
    'yes',
  'f overwrite replace': 'force',
  'out outfile out-file output-file o': 'output',
  'target targets only include filter resource teams t': 'team',
  'exclude skip': 'exclude-team',
  'count max steps step batch-size': 'limit',
  'e env environment profile stage var var-file uri url host h port p db d database dbname username password':
    'dotenv',
  'c conf config-file': 'config',
  'parallel parallelism jobs j threads workers': 'concurrency',
  'skip-drift ignore-drift allow-drift': 'on-drift',
  'silent s': 'quiet',
  'v vv debug trace log-level': 'verbose',
  'undo revert': 'rollback',
  'continue retry': 'resume',
  'refresh refresh-only lock lock-timeout': 'state',
  'html markdown md text': 'format',
  'no-colour color colour': 'no-color',
};

/** What to do where a command has no flag of that name. */
const WITHOUT: Readonly<Record<string, string>> = {
  'nothing-written':
    'Leave it out: plan, show and verify write to no database, and apply shows what it will do and asks first.',
  yes: 'Leave it out: this command asks nothing.',
  force: 'No flag overrides everything: what is refused is told with the flag that allows it.',
  output: 'This command writes its result to stdout.',
  team: 'Choose teams while planning: fix-roles plan --team ID -o FILE.',
  'exclude-team': 'Choose teams while planning: fix-roles plan --exclude-team ID -o FILE.',
  limit: 'A few teams first: fix-roles apply PLAN --limit 3.',
  dotenv: 'Leave it out: this command connects to nothing.',
  config: 'Leave it out: this command reads no configuration.',
  concurrency: 'How many teams are in flight is said to apply: --concurrency.',
  'on-drift': 'What to do at drift is said to apply: --on-drift skip.',
  rollback: 'To take an apply back: fix-roles revert RECEIPT -o revert.json.',
  resume: 'Leave it out: the same command again goes on where it ended.',
  state: 'Leave it out: no state is kept beside the databases, and the lock ends with apply.',
  format: 'Forms are made by show: fix-roles show PLAN --format text, markdown, html or json.',
  'no-color': 'Set NO_COLOR=1 in the environment.',
};

/** How the last words of a command line are read: `help plan` is `plan --help`, `version` is `--version`. */
export function understood(argv: readonly string[]): string[] {
  const [first, ...others] = argv;
  if (first === 'help') return [...others, '--help'];
  return first === 'version' ? ['--version', ...others] : [...argv];
}

/** The failure for a command line that begins with no command; nothing is run on a guess. */
export function unknownCommand(argv: readonly string[], commands: readonly string[]): Failure {
  const [first = '', second] = argv.map(withoutUserInfo);
  if (first.startsWith('-')) return unknownFirstFlag(first, argv, commands);
  const inTopics = commands.filter((known) => known.includes(':'));
  const two = second === undefined || second.startsWith('-') ? first : `${first}:${second}`;
  const near = nearest(two, inTopics);
  const isTopic = near !== undefined || inTopics.some((known) => known.startsWith(`${first}:`));
  // A short word is near to many; one that other tools have is known better.
  const parts = first.split(':').reverse();
  const answer = isTopic ? undefined : parts.map((part) => entryOf(COMMANDS, part)).find(Boolean);
  const meant = near ?? nearest(first, commands);
  const advice =
    answer === undefined
      ? meant && `Did you mean ${meant.replaceAll(':', ' ')}?`
      : `What does this here: ${withFile(answer, argv)}.`;
  return usageFailure(
    `there is no command ${isTopic ? two.replaceAll(':', ' ') : first}`,
    `${advice === undefined ? '' : `${advice} `}See fix-roles --help for all commands.`,
  );
}

/** The failure for a command that takes no argument and was given one. */
export function unexpectedArgument(word: string, commandId: string): Failure {
  const name = commandId.replaceAll(':', ' ');
  const output =
    commandId === 'plan' && /\.json(\.gz)?$/.test(word)
      ? `To save the plan: ${commandLine('plan', '-o', word)}. `
      : '';
  return usageFailure(`Unexpected argument: ${word}`, `${output}See fix-roles ${name} --help.`);
}

function unknownFirstFlag(first: string, argv: readonly string[], commands: readonly string[]): Failure {
  const flag = withoutValue(first);
  const name = flag.replace(/^-+/, '');
  if (['v', 'version'].includes(name))
    return usageFailure(`there is no flag ${flag} here`, 'Write fix-roles --version.');
  if (['help', '?'].includes(name))
    return usageFailure(`there is no flag ${flag} here`, 'Write fix-roles --help.');
  const at = argv.findIndex((word) => commands.some((known) => known.split(':')[0] === word));
  // No more of what was typed is repeated: the next word may be the flag's value.
  const command = argv.slice(at, at + (commands.includes(argv[at] ?? '') ? 1 : 2)).map(withoutUserInfo);
  return usageFailure(
    `the command line begins with ${flag}, and not with a command`,
    at < 0
      ? 'See fix-roles --help for all commands.'
      : `Name the command first, and flags behind it: ${commandLine(...command, flag)}`,
  );
}

/** What a flag of another tool is here; undefined where it is of none. */
export function adviceOnFlag(
  typed: string,
  argv: readonly string[],
  known: readonly string[],
): string | undefined {
  const word = withoutValue(typed).replace(/^-+/, '');
  const meant = entryOf(FLAGS, word) ?? word;
  if (known.includes(meant)) return `Here it is --${meant}.`;
  const advice = entryOf(WITHOUT, meant);
  return advice && withFile(advice, argv);
}

/**
 * `-out=FILE`, as terraform has it, would be read as `-o ut=FILE`.
 *
 * @throws Failure (usage) where a word after one dash is the name of a flag, here or elsewhere
 */
export function refuseSingleDash(argv: readonly string[], known: readonly string[]): void {
  for (const word of argv) {
    if (word === '--') return;
    const name = /^-([a-z]{2}[a-z-]*)(=|$)/.exec(word)?.[1];
    if (name === undefined) continue;
    const advice = adviceOnFlag(name, argv, known);
    if (advice !== undefined)
      throw usageFailure(`a long flag begins with two dashes, and not as -${name}`, advice);
  }
}

/** The entry that has the word among those of its key. */
function entryOf(entries: Readonly<Record<string, string>>, word: string): string | undefined {
  return Object.entries(entries).find(([words]) => words.split(' ').includes(word))?.[1];
}

/** The answer, with the name of a plan or receipt on the command line in the place of `PLAN` and `RECEIPT`. */
function withFile(answer: string, argv: readonly string[]): string {
  const file = argv.map(withoutUserInfo).find((word) => /^[^-].*\.jsonl?(\.gz)?$/.test(word));
  if (file === undefined) return answer;
  const isReceipt = /\.jsonl(\.gz)?$/.test(file);
  const names = {
    RECEIPT: shellWord(isReceipt ? file : `${unpackedName(file)}.receipt.jsonl`),
    PLAN: isReceipt ? 'PLAN' : shellWord(file),
  };
  // In one pass: a name can hold these words.
  return answer.replaceAll(/RECEIPT|PLAN/g, (word) => (word === 'PLAN' ? names.PLAN : names.RECEIPT));
}
