// The look of the page: light and dark as the reader has it, light on paper. Blue and orange are told apart by people with any
// common form of colour blindness (Okabe and Ito), and never carry a meaning alone.
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1a1d21;--soft:#5b6470;--line:#d5dae0;--card:#f6f8fa;--reference:#9cc3e0;--current:#c24a00;--drift:#a03300;--calm:#00604a;--unsure:#6b5200}
@media (prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e8ebee;--soft:#a3adb8;--line:#363d45;--card:#1c2126;--reference:#2f6690;--current:#ff9a52;--drift:#ff9a6b;--calm:#5cd0ae;--unsure:#e3c15a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:60rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
h1{font-size:1.1rem;margin:0;color:var(--soft);font-weight:600;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.5rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h3{font-size:1rem;margin:0 0 .3rem;overflow-wrap:anywhere}
p{margin:.4rem 0;max-width:46rem}
.verdict{font-size:2rem;font-weight:700;margin:.2rem 0;letter-spacing:.01em}
.drift{color:var(--drift)}.no-drift,.not-compared{color:var(--calm)}.not-enough-data,.small{color:var(--unsure)}
.soft{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}
td:first-child{min-width:8rem;max-width:14rem;overflow-wrap:anywhere}
th{font-weight:600;color:var(--soft);font-size:.85rem}
td.right,th.right{text-align:right;padding-left:.6rem}td.right{white-space:nowrap}
td.state{white-space:nowrap;font-weight:600}
.wide{overflow-x:auto}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(22rem,1fr));gap:1rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;break-inside:avoid}
.card{margin-top:1rem}.cards .card{margin-top:0}
.card p{font-size:.88rem}
svg{max-width:100%;height:auto;display:block;margin:.4rem 0}
svg text{font-size:11px;fill:var(--soft)}
.reference{fill:var(--reference)}
.current{fill:none;stroke:var(--current);stroke-width:2}
.framed{fill:none;stroke:var(--current);stroke-width:1.5}
.axis{stroke:var(--line);stroke-width:1}
.thin{fill:none;stroke:var(--soft);stroke-width:1}
.interval{stroke:var(--soft);stroke-width:1.5}
.dot{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}
.mark{fill:var(--current)}
.key{display:inline-block;width:1.6rem;height:.7rem;vertical-align:-.05rem;margin:0 .3rem 0 .9rem}
.key:first-child{margin-left:0}
.key.filled{background:var(--reference)}.key.stroke{border:2px solid var(--current)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.4rem 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--card:#fff;--reference:#9cc3e0;--current:#c24a00;--drift:#a03300;--calm:#00604a;--unsure:#6b5200}body{max-width:none;padding:0;font-size:11pt}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}.cards{grid-template-columns:1fr 1fr}h2{break-after:avoid}tr{break-inside:avoid}}
`;
