/** Makes an element. Texts become text nodes, so that no name can be markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

export function code(text: string): HTMLElement {
  return element('code', '', text);
}

export function numeral(count: number): string {
  return count.toLocaleString('en-US');
}

export function quantity(count: number, one: string): string {
  return `${numeral(count)} ${count === 1 ? one : `${one}s`}`;
}

/** An element that the page brings along. */
export function known<E extends HTMLElement>(id: string, kind: abstract new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page lacks #${id}`);
}
