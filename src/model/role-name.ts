import { ROLE_MAX_LENGTH } from './role-row.js';
import { hasHostileCharacter } from './text.js';

/** True if the text is a role name that fits its column and can be shown; any other makes its row malformed. */
export function isRoleName(text: string): boolean {
  return text.length > 0 && text.length <= ROLE_MAX_LENGTH && !hasHostileCharacter(text);
}
