import { firstWordsOf, quoted, type Completion, type KnownCommand, type KnownFlag } from './known-command.js';

/** A script that bash (3.2 or later) evaluates; it never starts fix-roles. */
export function bashCompletion(commands: readonly KnownCommand[]): string {
  const firsts = firstWordsOf(commands);
  const topics = firsts.filter(({ below }) => below.length > 0);
  const names = topics.map(
    ({ word, below }) => `      ${word}) words=${list(below.map((name) => name.word))} ;;`,
  );
  return `# Completion of fix-roles for bash: eval "$(fix-roles completion bash)" in ~/.bashrc
_fix_roles() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  local words='' files='' depth=1 IFS=$' \\n'
  COMPREPLY=()
  # bash takes --flag=value apart at the =.
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  case "$command" in
    ${topics.map(({ word }) => word).join('|')}) depth=2 ;;
  esac
  if (( COMP_CWORD == 1 )); then
    words=${list([...firsts.map(({ word }) => word), '--help', '--version'])}
  elif (( COMP_CWORD == 2 && depth == 2 )); then
    case "$command" in
${names.join('\n')}
    esac
  else
    (( depth == 2 )) && command="$command \${COMP_WORDS[2]}"
    case "$command $prev" in
${commands.flatMap(valueLines).join('\n')}
      *)
        case "$command $cur" in
${commands.flatMap(commandLines).join('\n')}
        esac ;;
    esac
  fi
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  fi
}
complete -F _fix_roles fix-roles
`;
}

function valueLines({ words, flags }: KnownCommand): string[] {
  return flags.flatMap((flag) => {
    const patterns = spellings(flag).map((spelling) => quoted(`${words.join(' ')} ${spelling}`));
    return flag.value === null ? [] : [`      ${patterns.join('|')}) ${assignment(flag.value)} ;;`];
  });
}

function commandLines({ words, flags, argument }: KnownCommand): string[] {
  const command = quoted(`${words.join(' ')} `);
  return [
    `          ${command}-*) words=${list(flags.map(({ name }) => `--${name}`))} ;;`,
    ...(argument === undefined ? [] : [`          ${command}*) ${assignment(argument)} ;;`]),
  ];
}

function spellings({ name, char }: KnownFlag): string[] {
  return char === undefined ? [`--${name}`] : [`--${name}`, `-${char}`];
}

function assignment({ words, files }: Completion): string {
  return files ? 'files=yes' : `words=${list(words)}`;
}

function list(words: readonly string[]): string {
  return quoted(words.join(' '));
}
