/** Somebody who approved a plan. */
export interface Approver {
  /** A name among the allowed signers. */
  readonly principal: string;
  /** `SHA256:…`, the fingerprint as ssh-keygen prints it. */
  readonly key: string;
}

/** What a file among the approvals of a plan turned out to be. */
export type ApprovalState =
  /** A signature by an allowed key over exactly the bytes of the plan; `principals` is never empty. */
  | { readonly kind: 'valid'; readonly principals: readonly string[]; readonly key: string }
  /** An unchecked signature; `key` is its own claim, null for a certificate. */
  | { readonly kind: 'not-checked'; readonly key: string | null }
  | { readonly kind: 'rejected'; readonly reason: string };

/** One file beside a plan. */
export interface Approval {
  /** A name, which may be hostile. */
  readonly file: string;
  readonly state: ApprovalState;
}
