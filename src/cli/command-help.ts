import { CommandHelp, Help } from '@oclif/core';
import { exitCodesOf } from './exit-codes.js';

class HelpWithExitCodes extends CommandHelp {
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
}
