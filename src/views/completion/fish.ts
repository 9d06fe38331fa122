import { firstWordsOf, type Completion, type KnownCommand, type KnownFlag } from './known-command.js';

const COMPLETE = 'complete -c fix-roles';

/** A script for fish; it never starts fix-roles. */
export function fishCompletion(commands: readonly KnownCommand[]): string {
  const lines = firstWordsOf(commands).flatMap(({ word, about, below }) => {
    const names = below.map((name) => name.word).join(' ');
    const here = `__fish_seen_subcommand_from ${word}; and not __fish_seen_subcommand_from ${names}`;
    return [
      `${COMPLETE} -n __fish_use_subcommand -a ${word} -d ${literal(about)}`,
      ...below.map((name) => `${COMPLETE} -n ${literal(here)} -a ${name.word} -d ${literal(name.about)}`),
    ];
  });
  return `# Completion of fix-roles for fish: fix-roles completion fish > ~/.config/fish/completions/fix-roles.fish
${[`${COMPLETE} -f`, ...lines, ...commands.flatMap(commandLines)].join('\n')}
`;
}

function commandLines({ words, flags, argument }: KnownCommand): string[] {
  const here = literal(words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and '));
  return [
    ...flags.map((flag) => `${flagOptions(flag)} -d ${literal(flag.about)}`),
    ...(argument === undefined ? [] : [offered(argument)]),
  ].map((options) => `${COMPLETE} -n ${here} ${options}`);
}

function flagOptions({ name, char, value }: KnownFlag): string {
  const spelled = char === undefined ? `-l ${name}` : `-l ${name} -s ${char}`;
  if (value === null) return spelled;
  // -x: a value and no file, -r: a value.
  return `${spelled} ${value.files ? '-r' : '-x'} ${offered(value)}`.trimEnd();
}

function offered({ words, files }: Completion): string {
  if (files) return '-F';
  return words.length === 0 ? '' : `-a ${literal(words.join(' '))}`;
}

/** In single quotes, where fish knows escapes for two characters. */
function literal(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
