/** The shape of a translation: the same names as in English, other words. */
export type Texts<English> = {
  [Name in keyof English]: English[Name] extends string ? string : Texts<English[Name]>;
};
