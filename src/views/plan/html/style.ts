/** The style sheet of the report. No file, font or image is fetched. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f7f9; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --accent: #1f4e8c;
  --delete: #b3261e; --deactivate: #8f5600; --reactivate: #00616f; --insert: #1e6b33;
  --delete-bg: #fdecea; --deactivate-bg: #fff3dc; --reactivate-bg: #e0f4f7; --insert-bg: #e6f4ea;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --panel: #1c2126; --ink: #e4e8ec; --soft: #9aa5b1; --line: #343c45; --accent: #8ab4f0;
    --delete: #ff8a80; --deactivate: #f0b45b; --reactivate: #66d1e0; --insert: #7fd196;
    --delete-bg: #3b1d1b; --deactivate-bg: #382a12; --reactivate-bg: #10323a; --insert-bg: #17321f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
main, header.top > div { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header.top { border-bottom: 1px solid var(--line); background: var(--panel); padding: 28px 0 24px; }
h1 { font-size: 26px; line-height: 1.2; font-weight: 650; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 18px; font-weight: 650; margin: 36px 0 12px; }
h3 { font-size: 14px; font-weight: 650; margin: 0 0 10px; }
p { margin: 0 0 8px; }
.lead { font-size: 16px; color: var(--soft); }
.part { border-left: 4px solid var(--deactivate); background: var(--deactivate-bg); padding: 10px 14px; margin: 16px 0 0; }
code { font-family: var(--mono); font-size: 0.88em; overflow-wrap: anywhere; }
dl.head { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 18px 0 0; }
dl.head dt { color: var(--soft); }
dl.head dd { margin: 0; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 20px; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 16px 18px; min-width: 0; }
.bars { display: grid; grid-template-columns: minmax(0, max-content) minmax(60px, 1fr) max-content; gap: 6px 12px; align-items: center; }
.bars.totals > :nth-child(6n + 1) { margin-top: 4px; }
.bar { width: 100%; height: 12px; display: block; border-radius: 2px; }
.bar-label { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar-count { text-align: right; font-variant-numeric: tabular-nums; }
.bar .track { fill: var(--panel); }
.bar .delete, .bar .removals { fill: var(--delete); }
.bar .deactivate { fill: var(--deactivate); }
.bar .reactivate { fill: var(--reactivate); }
.bar .insert { fill: var(--insert); }
.bar .postgres { opacity: 0.6; }
.store { color: var(--soft); }
.op { font-weight: 600; }
.op.delete { color: var(--delete); }
.op.deactivate { color: var(--deactivate); }
.op.reactivate { color: var(--reactivate); }
.op.insert { color: var(--insert); }
button, input, summary { font: inherit; color: inherit; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; border-radius: 4px; }
.team-link { border: 0; background: none; padding: 0; cursor: pointer; color: var(--accent); text-align: left; max-width: 100%; overflow: hidden; text-overflow: ellipsis; }
.team-link:hover { text-decoration: underline; }
details.concern { border: 1px solid var(--line); border-radius: 8px; margin-bottom: 8px; }
details.concern > summary { padding: 10px 14px; cursor: pointer; }
details.concern > div { padding: 0 14px 12px 34px; }
details.concern ul { margin: 8px 0 0; padding-left: 18px; }
.count { color: var(--soft); font-variant-numeric: tabular-nums; }
.blocked > summary b { color: var(--delete); }
.toolbar { position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--line); padding: 12px 0; }
.search { display: flex; gap: 12px; align-items: center; }
.search input { flex: 1; min-width: 0; padding: 8px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); }
.filters { display: flex; flex-wrap: wrap; gap: 6px 20px; margin-top: 10px; }
.filters fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.filters legend { float: left; padding: 0 4px 0 0; color: var(--soft); font-size: 13px; }
.chip { border: 1px solid var(--line); background: var(--paper); border-radius: 999px; padding: 2px 10px; font-size: 13px; cursor: pointer; }
.chip:hover { border-color: var(--soft); }
.chip[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: var(--paper); }
.chip[aria-pressed="true"] .count { color: inherit; }
.plain { border: 1px solid var(--line); background: var(--paper); border-radius: 6px; padding: 6px 12px; cursor: pointer; }
.plain:disabled { opacity: 0.45; cursor: default; }
.status { display: flex; flex-wrap: wrap; gap: 4px 16px; justify-content: space-between; margin: 12px 0; color: var(--soft); font-size: 14px; }
.team-head { margin: 22px 0 6px; font-size: 14px; font-weight: 400; color: var(--soft); overflow-wrap: anywhere; }
.team-head bdi { color: var(--ink); font-weight: 650; }
details.decision { border: 1px solid var(--line); border-top-width: 0; }
.team-head + details.decision { border-top-width: 1px; border-radius: 6px 6px 0 0; }
details.decision > summary { padding: 8px 12px; cursor: pointer; overflow-wrap: anywhere; }
details.decision > summary:hover { background: var(--panel); }
details.decision[open] > summary { background: var(--panel); border-bottom: 1px solid var(--line); }
.user { margin-right: 10px; }
.standing { color: var(--soft); margin-right: 10px; font-size: 14px; }
.change { display: inline-block; border-radius: 4px; padding: 0 8px; margin: 2px 6px 2px 0; font-size: 13px; }
.change.delete { background: var(--delete-bg); } .change.deactivate { background: var(--deactivate-bg); }
.change.reactivate { background: var(--reactivate-bg); } .change.insert { background: var(--insert-bg); }
.facts { padding: 14px 16px 16px; overflow-x: auto; }
.facts h4 { font-size: 13px; margin: 14px 0 4px; color: var(--soft); font-weight: 600; }
.facts h4:first-child { margin-top: 0; }
table { border-collapse: collapse; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: 3px 16px 3px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
tr:last-child > td { border-bottom: 0; }
.images { margin-top: 14px; display: flex; flex-wrap: wrap; gap: 8px 32px; }
.pager { display: flex; gap: 12px; align-items: center; justify-content: center; margin: 20px 0; }
.keys { color: var(--soft); font-size: 13px; margin: 0; }
kbd { font-family: var(--mono); font-size: 12px; border: 1px solid var(--line); border-radius: 3px; padding: 0 5px; background: var(--panel); }
footer { color: var(--soft); font-size: 13px; margin: 40px 0 32px; padding-top: 14px; border-top: 1px solid var(--line); }
@media (max-width: 600px) {
  main, header.top > div { padding: 0 14px; }
  .toolbar { position: static; }
  dl.head { grid-template-columns: 1fr; gap: 0; } dl.head dd { margin-bottom: 6px; }
}
@media print {
  :root {
    color-scheme: light; --paper: #fff; --panel: #fff; --ink: #000; --soft: #444; --line: #bbb; --accent: #000;
    --delete: #b3261e; --deactivate: #8f5600; --reactivate: #00616f; --insert: #1e6b33;
    --delete-bg: #fff; --deactivate-bg: #fff; --reactivate-bg: #fff; --insert-bg: #fff;
  }
  body { font-size: 10.5pt; print-color-adjust: exact; }
  .toolbar, .pager, .keys { display: none; }
  .team-head { break-after: avoid; }
  details.decision, .card, tr { break-inside: avoid; }
}
`;
