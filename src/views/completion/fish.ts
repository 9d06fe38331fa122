import {
  firstWordsOf,
  topicsOf,
  type Completion,
  type KnownCommand,
  type KnownFlag,
} from './known-command.js';

/** A script for fish; it never starts fix-roles. */
export function fishCompletion(commands: readonly KnownCommand[]): string {
  const lines = ['complete -c fix-roles -f'];
  for (const [word, about] of firstWordsOf(commands))
    lines.push(`complete -c fix-roles -n __fish_use_subcommand -a ${word} -d ${literal(about)}`);
  for (const [topic, below] of topicsOf(commands)) {
    const names = below.map(({ words }) => words[1]).join(' ');
    const here = `__fish_seen_subcommand_from ${topic}; and not __fish_seen_subcommand_from ${names}`;
    for (const { words, about } of below)
      lines.push(`complete -c fix-roles -n ${literal(here)} -a ${words[1] ?? ''} -d ${literal(about)}`);
  }
  for (const command of commands) lines.push(...commandLines(command));
  return `# Completion of fix-roles for fish: fix-roles completion fish > ~/.config/fish/completions/fix-roles.fish\n${lines.join('\n')}\n`;
}

function commandLines({ words, flags, argument }: KnownCommand): string[] {
  const here = literal(words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and '));
  const head = `complete -c fix-roles -n ${here}`;
  return [
    ...flags.map((flag) => `${head} ${flagOptions(flag)} -d ${literal(flag.about)}`),
    ...(argument === null ? [] : [`${head} ${argumentOptions(argument)}`]),
  ];
}

function flagOptions({ name, char, value }: KnownFlag): string {
  const short = char === null ? '' : ` -s ${char}`;
  return `-l ${name}${short}${value === null ? '' : ` ${valueOptions(value)}`}`;
}

function valueOptions(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return `-x -a ${literal(completion.words.join(' '))}`;
    case 'file':
      return '-r -F';
    case 'free':
      return '-x';
  }
}

function argumentOptions(completion: Completion): string {
  return completion.kind === 'words' ? `-a ${literal(completion.words.join(' '))}` : '-F';
}

/** In single quotes, where fish knows escapes for two characters. */
function literal(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
