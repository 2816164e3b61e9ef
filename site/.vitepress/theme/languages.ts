import { useData } from 'vitepress';
import { computed } from 'vue';

/** In place of VitePress's own: leads to the same page in the other language, or to its first page. */
export function useLangs({ correspondingLink = false } = {}) {
  const { site, localeIndex, frontmatter } = useData();
  const linkOf = (key: string) => (key === 'root' ? '/' : `/${key}/`);
  const currentLang = computed(() => ({
    label: site.value.locales[localeIndex.value]?.label,
    link: linkOf(localeIndex.value),
  }));
  const localeLinks = computed(() =>
    Object.entries(site.value.locales)
      .filter(([key]) => key !== localeIndex.value)
      .map(([key, { label }]) => {
        const same = correspondingLink ? frontmatter.value.inOtherLanguage : undefined;
        return { text: label, link: same ?? linkOf(key) };
      }),
  );
  return { localeLinks, currentLang };
}
