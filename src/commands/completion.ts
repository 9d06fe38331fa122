import { Args, type Command } from '@oclif/core';
import { bashCompletion } from '../views/completion/bash.js';
import { fishCompletion } from '../views/completion/fish.js';
import type { Completion as Completed, KnownCommand, KnownFlag } from '../views/completion/known-command.js';
import { zshCompletion } from '../views/completion/zsh.js';
import { BaseCommand } from '../cli/base-command.js';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof SCRIPTS;
const SHELLS: Shell[] = ['bash', 'zsh', 'fish'];
/** What a value is called in the help where it is a file or a folder. */
const FILES = new Set(['FILE', 'DIR', 'RECEIPT']);

export default class Completion extends BaseCommand {
  static override summary = 'Print the script with which a shell completes commands, flags and their values.';
  static override description =
    'The script holds everything, so that completing never starts fix-roles. Print it anew after an update: best by ' +
    'evaluating it where the shell starts.';
  static override examples = [
    'eval "$(<%= config.bin %> completion bash)"',
    'eval "$(<%= config.bin %> completion zsh)"',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/fix-roles.fish',
  ];
  static override args = {
    shell: Args.custom<Shell>({ options: SHELLS })({
      required: true,
      ignoreStdin: true,
      description: 'for which shell',
    }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const commands = this.config.commands.filter(({ hidden }) => !hidden).map(knownCommand);
    this.log(SCRIPTS[args.shell](commands.sort(byWords)).trimEnd());
  }
}

function byWords(one: KnownCommand, other: KnownCommand): number {
  return one.words.join(' ') < other.words.join(' ') ? -1 : 1;
}

function knownCommand(command: Command.Loadable): KnownCommand {
  const [first = '', second] = command.id.split(':');
  const [argument] = Object.values(command.args);
  return {
    words: second === undefined ? [first] : [first, second],
    about: plainText(command.summary),
    flags: [
      ...Object.values(command.flags).flatMap(knownFlags),
      { name: 'help', char: 'h', about: 'show the help', value: null },
    ],
    argument:
      argument === undefined
        ? null
        : argument.options === undefined
          ? { kind: 'file' }
          : { kind: 'words', words: argument.options },
  };
}

function knownFlags(flag: Command.Flag.Cached): KnownFlag[] {
  const { name, char = null } = flag;
  const about = plainText(flag.summary ?? flag.description);
  if (flag.type === 'option') return [{ name, char, about, value: valueOf(flag.options, flag.helpValue) }];
  const given = { name, char, about, value: null };
  return flag.allowNo ? [given, { ...given, name: `no-${name}`, char: null }] : [given];
}

function valueOf(
  options: readonly string[] | undefined,
  helpValue: string | string[] | undefined,
): Completed {
  if (options !== undefined) return { kind: 'words', words: options };
  return { kind: FILES.has(String(helpValue)) ? 'file' : 'free' };
}

/** One line: shells show it beside what they offer. */
function plainText(text: string | undefined): string {
  return (text ?? '').replaceAll(/\s+/g, ' ').replaceAll('`', '').trim();
}
