import { CommandHelp, Help } from '@oclif/core';
import { fitted, wrapped } from '../views/terminal.js';
import { exitCodesOf } from './exit-codes.js';

/** In place of what oclif does, which breaks ids and addresses too. */
function wrappedLines(text: string, width: number): string {
  return text.replaceAll(/[^\n]+/g, (line) => wrapped(line, width, '').trimEnd());
}

class HelpWithExitCodes extends CommandHelp {
  override wrap(body: string, spacing = this.indentSpacing): string {
    return wrappedLines(this.render(body), this.opts.maxWidth - spacing);
  }

  protected override sections(): ReturnType<CommandHelp['sections']> {
    const header = 'EXIT CODES';
    const body = exitCodesOf(this.command.id).map(([code, meaning]): [string, string] => [
      String(code),
      meaning,
    ]);
    return [...super.sections(), { header, generate: () => [{ header, body }] }];
  }
}

/** oclif's help, with the exit codes in every command's. */
export default class FixRolesHelp extends Help {
  protected override CommandHelpClass = HelpWithExitCodes;

  override wrap(body: string, spacing = this.indentSpacing): string {
    return wrappedLines(this.render(body), this.opts.maxWidth - spacing);
  }

  protected override log(...texts: string[]): void {
    super.log(...texts.map((text) => fitted(text, this.opts.maxWidth)));
  }
}
