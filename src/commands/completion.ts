import { Args, type Command } from '@oclif/core';
import { bashCompletion } from '../views/completion/bash.js';
import { fishCompletion } from '../views/completion/fish.js';
import type { KnownCommand, KnownFlag } from '../views/completion/known-command.js';
import { zshCompletion } from '../views/completion/zsh.js';
import { BaseCommand } from '../cli/base-command.js';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof SCRIPTS;
const SHELLS: Shell[] = ['bash', 'zsh', 'fish'];
/** The help names values that are files or folders so. */
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
    const commands = this.config.commands.filter(({ hidden }) => !hidden);
    commands.sort((one, other) => (one.id < other.id ? -1 : 1));
    this.log(SCRIPTS[args.shell](commands.map(knownCommand)).trimEnd());
  }
}

function knownCommand({ id, summary, flags, args }: Command.Loadable): KnownCommand {
  const [first = '', second] = id.split(':');
  const [argument] = Object.values(args);
  return {
    words: second === undefined ? [first] : [first, second],
    about: plainText(summary),
    flags: [
      ...Object.values(flags).flatMap(knownFlags),
      { name: 'help', char: 'h', about: 'show the help', value: null },
    ],
    argument: argument && { words: argument.options ?? [], files: argument.options === undefined },
  };
}

function knownFlags(flag: Command.Flag.Cached): KnownFlag[] {
  const known = { name: flag.name, char: flag.char, about: plainText(flag.summary ?? flag.description) };
  if (flag.type === 'option') {
    const { options, helpValue } = flag;
    const files = options === undefined && FILES.has(String(helpValue));
    return [{ ...known, value: { words: options ?? [], files } }];
  }
  const given = { ...known, value: null };
  return flag.allowNo ? [given, { ...given, name: `no-${flag.name}`, char: undefined }] : [given];
}

/** One line: shells show it beside what they offer. */
function plainText(text = ''): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('`', '').trim();
}
