/** The report's look, in the colours of the charts. Blue is positive and orange negative: every kind of colour vision tells them apart. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f5f2; --card: #ffffff; --ink: #1d2126; --soft: #656c75; --line: #e2e0da;
  --good: #1f6feb; --bad: #bc4c00; --good-wash: #e7effc; --bad-wash: #fcede1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d0f12; --card: #16191f; --ink: #e6e9ee; --soft: #9aa4b2; --line: #2d333d;
    --good: #79b0ff; --bad: #ff9d4d; --good-wash: #1b2b45; --bad-wash: #3e2716;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif;
}
main { max-width: 1040px; margin: 0 auto; padding: 48px 24px 64px; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.02em; text-wrap: balance; }
h2 { font-size: 1.15rem; margin: 48px 0 14px; letter-spacing: -0.01em; }
h3 { font-size: 0.95rem; margin: 0 0 12px; }
p { margin: 0 0 12px; }
.soft, small, caption, figcaption { color: var(--soft); }
.grid { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
.tiles { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); margin-top: 28px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; margin: 0; min-width: 0; }
.tile b { display: block; font-size: 1.9rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.tile.lead { border-color: var(--good); }
.tile.lead b { color: var(--good); }
svg { display: block; width: 100%; height: auto; }
.chart { padding: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 7px 10px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
th { font-weight: 500; color: var(--soft); }
td code { font-size: 0.9em; }
.confusion td { text-align: center; padding: 18px 10px; font-size: 1.3rem; font-weight: 600; border: 3px solid var(--card); border-radius: 10px; }
.confusion td small { display: block; font-size: 0.8rem; font-weight: 400; }
.confusion th { border: 0; vertical-align: middle; }
.confusion th[scope='col'] { text-align: center; }
.hit { background: var(--good-wash); }
.miss { background: var(--bad-wash); }
.review { display: flex; flex-direction: column; gap: 12px; }
.review p { margin: 0; overflow-wrap: anywhere; }
.review header { display: flex; justify-content: space-between; gap: 12px; font-size: 0.9rem; }
.tag { font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.scale { position: relative; height: 8px; border-radius: 4px; background: linear-gradient(90deg, var(--bad-wash), var(--good-wash)); border: 1px solid var(--line); }
.scale i { position: absolute; top: -5px; width: 4px; height: 16px; margin-left: -2px; border-radius: 2px; background: currentColor; }
.columns { columns: 2 360px; column-gap: 40px; }
.columns table { break-inside: avoid; }
footer { margin-top: 48px; font-size: 0.9rem; color: var(--soft); }
`;
