import {
  firstWordsOf,
  quoted,
  type Completion,
  type FirstWord,
  type KnownCommand,
  type KnownFlag,
} from './known-command.js';

/** A script for zsh, to be evaluated after `compinit` or kept as `_fix-roles` in a folder of `fpath`. */
export function zshCompletion(commands: readonly KnownCommand[]): string {
  const firsts = firstWordsOf(commands);
  return `#compdef fix-roles
# Completion of fix-roles for zsh: eval "$(fix-roles completion zsh)" in ~/.zshrc, after compinit
_fix_roles() {
  local command="$words[2]"
  local -a names
  if (( CURRENT == 2 )); then
    names=(${firsts.map(described).join(' ')})
    _describe command names
    return
  fi
  case "$command" in
${firsts.flatMap(topicLines).join('\n')}
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

function topicLines({ word, below }: FirstWord): string[] {
  if (below.length === 0) return [];
  return [
    `    ${word})
      if (( CURRENT == 3 )); then
        names=(${below.map(described).join(' ')})
        _describe command names
        return
      fi
      command="$command $words[3]"
      shift words
      (( CURRENT-- )) ;;`,
  ];
}

function commandLines({ words, flags, argument }: KnownCommand): string {
  const specs = flags.flatMap(flagSpecs);
  if (argument !== undefined) specs.push(quoted(`*:argument:${action(argument)}`));
  return `    ${quoted(words.join(' '))})\n      _arguments ${specs.join(' \\\n        ')} ;;`;
}

/** zsh offers each flag more than once; fix-roles says where that makes no sense. */
function flagSpecs({ name, char, about, value }: KnownFlag): string[] {
  const rest = `[${about.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]${value === null ? '' : `:value:${action(value)}`}`;
  return [
    quoted(`*--${name}${value === null ? '' : '='}${rest}`),
    ...(char === undefined ? [] : [quoted(`*-${char}${rest}`)]),
  ];
}

function action({ words, files }: Completion): string {
  if (files) return '_files';
  return words.length === 0 ? ' ' : `(${words.join(' ')})`;
}

function described({ word, about }: { readonly word: string; readonly about: string }): string {
  return quoted(`${word}:${about.replaceAll(':', String.raw`\:`)}`);
}
