import { createHash } from 'node:crypto';
import { htmlText, visibleText } from '../safe-text.js';
import { pageAssets } from './assets.js';
import { filterHash, type PageFilter } from './filter-hash.js';

/** Begins a page, which allows its own style sheet and script, and nothing from anywhere. */
export function pageStart(title: string, active: 'script' | 'no-script'): string {
  const { script, style } = pageAssets();
  const allowed = active === 'script' ? `'${hashOf(script)}'` : "'none'";
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src ${allowed}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
`;
}

export function pageEnd(active: 'script' | 'no-script'): string {
  return `${active === 'script' ? `<script>${pageAssets().script}</script>\n` : ''}</body>\n</html>\n`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Sets text from elsewhere apart; our own sentences hold nothing that HTML acts upon. */
export function quoted(text: string, limit?: number): string {
  return `<code>${htmlText(text, limit)}</code>`;
}

/** A command, which must not be cut short. */
export function command(line: string): string {
  return quoted(line, 4096);
}

/**
 * A link within the page of a plan that sets its filter.
 *
 * @param filter ids, names and codes as they stand in the plan
 * @param label HTML
 */
export function filterLink(filter: Partial<PageFilter>, label: string): string {
  const hash = filterHash(filter, (value) => visibleText(value));
  return `<a href="${htmlText(hash, Infinity)}">${label}</a>`;
}
