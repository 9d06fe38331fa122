import {
  firstWordsOf,
  quoted,
  topicsOf,
  type Completion,
  type KnownCommand,
  type KnownFlag,
} from './known-command.js';

/** A script for zsh, to be evaluated after `compinit` or kept as `_fix-roles` in a folder of `fpath`. */
export function zshCompletion(commands: readonly KnownCommand[]): string {
  const topics = [...topicsOf(commands)];
  const firsts = [...firstWordsOf(commands)].map(([word, about]) => described(word, about));
  return `#compdef fix-roles
# Completion of fix-roles for zsh: eval "$(fix-roles completion zsh)" in ~/.zshrc, after compinit
_fix_roles() {
  local command="$words[2]"
  local -a names
  if (( CURRENT == 2 )); then
    names=(${firsts.join(' ')})
    _describe command names
    return
  fi
  case "$command" in
${topics.map(topicLines).join('\n')}
  esac
  shift words
  (( CURRENT-- ))
  case "$command" in
${commands.map(commandLines).join('\n')}
  esac
}
if [[ $funcstack[1] == _fix-roles ]]; then _fix_roles "$@"; else compdef _fix_roles fix-roles; fi
`;
}

function topicLines([topic, below]: [string, readonly KnownCommand[]]): string {
  const names = below.map(({ words, about }) => described(words[1] ?? '', about));
  return `    ${topic})
      if (( CURRENT == 3 )); then
        names=(${names.join(' ')})
        _describe command names
        return
      fi
      command="$command $words[3]"
      shift words
      (( CURRENT-- )) ;;`;
}

function commandLines({ words, flags, argument }: KnownCommand): string {
  const specs = [
    ...flags.flatMap(flagSpecs),
    ...(argument === null ? [] : [quoted(`*:argument:${action(argument)}`)]),
  ];
  return `    ${quoted(words.join(' '))})\n      _arguments ${specs.join(' \\\n        ')} ;;`;
}

/** Each may be given more than once: zsh then goes on offering it, and fix-roles says where that makes no sense. */
function flagSpecs({ name, char, about, value }: KnownFlag): string[] {
  const rest = `[${about.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]${value === null ? '' : `:value:${action(value)}`}`;
  return [
    quoted(`*--${name}${value === null ? '' : '='}${rest}`),
    ...(char === null ? [] : [quoted(`*-${char}${rest}`)]),
  ];
}

function action(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return `(${completion.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'free':
      return ' ';
  }
}

function described(word: string, about: string): string {
  return quoted(`${word}:${about.replaceAll(':', String.raw`\:`)}`);
}
