import { createTheme, darken, type CSSVariablesResolver } from '@mantine/core';

/** Colours, radii and fonts of the page; contrast 4.5:1 or more in both colour schemes (WCAG 1.4.3). */
export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 9, dark: 9 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  // Forms say what is optional; nearly nothing is.
  components: { InputWrapper: { defaultProps: { withAsterisk: false } } },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
});

/** Darker than the kit's darkest: white on it, and it on the kit's pale teal, have 6:1 or more. */
const darkTeal = '#06624a';

/** The kit's greys and reds are too pale for small text: these have 4.5:1 or more on the page's background. */
export const contrastColors: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray[7],
    '--mantine-color-placeholder': colors.gray[7],
    '--mantine-color-error': colors.red[9],
    '--mantine-color-teal-filled-hover': darkTeal,
    '--mantine-primary-color-filled-hover': darkTeal,
    // What stands on a light shade of its own colour: active links, badges, titles of notices.
    ...Object.fromEntries(
      Object.entries(colors).map(([name, shades]) => [
        `--mantine-color-${name}-light-color`,
        darken(shades[9], 0.35),
      ]),
    ),
  },
  dark: {
    '--mantine-color-teal-filled-hover': darkTeal,
    '--mantine-primary-color-filled-hover': darkTeal,
    '--mantine-color-dimmed': colors.dark[1],
    '--mantine-color-placeholder': colors.dark[1],
    '--mantine-color-error': colors.red[4],
  },
});
