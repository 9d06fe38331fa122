/** Somebody who approved a plan: a name that the allowed signers list, and the key that signed. */
export interface Approver {
  readonly principal: string;
  /** `SHA256:…`, the fingerprint as ssh-keygen prints it. */
  readonly key: string;
}

/** What a file among the approvals of a plan turned out to be. */
export type ApprovalState =
  /** A signature by an allowed key over exactly the bytes of the plan; `principals` is never empty. */
  | { readonly kind: 'valid'; readonly principals: readonly string[]; readonly key: string }
  /** A signature that nobody checked; `key` is what it says of itself, null for a certificate. */
  | { readonly kind: 'not-checked'; readonly key: string | null }
  /** It counts for nothing. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** One file beside a plan. */
export interface Approval {
  /** The name of the file, which may be hostile. */
  readonly file: string;
  readonly state: ApprovalState;
}
