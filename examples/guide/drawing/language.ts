/** The languages of the guide. */
export type Language = 'english' | 'chinese';

/** Chooses the words of a picture: English first, then Chinese. */
export type Say = (english: string, chinese: string) => string;

export const sayIn =
  (language: Language): Say =>
  (english, chinese) =>
    language === 'english' ? english : chinese;
