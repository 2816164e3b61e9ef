/** Texts and their classes, wherever they were read from. */

/** Labelled texts, one row a text: `texts[i]` has the label `labels[i]` and came from `paths[i]`. */
export interface LabelledTexts {
  /** What is in the files. */
  texts: string[];
  /** The class of each text. */
  labels: number[];
  /** Where each text is, from the folder that was read, with forward slashes: `pos/0_9.txt`. */
  paths: string[];
}

/** {@link LabelledTexts}, with a name for each label. */
export interface TextDirectory extends LabelledTexts {
  /** `classNames[label]` is the folder of the texts with that label. */
  classNames: string[];
}

/** A folder of texts and the label that they get. */
export interface ClassFolder {
  /** Its path from the root, with forward slashes. */
  folder: string;
  /** The label of its texts. */
  label: number;
}
