"""How the class report looks."""

STYLE = """
body { font: 16px/1.45 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1.5rem; color: #222; }
h1 { margin-bottom: .2rem; } h2 { margin: 2.2rem 0 .4rem; }
table { border-collapse: collapse; } thead th { position: sticky; top: 0; background: #fff; vertical-align: bottom; }
th, td { padding: .35rem .8rem .35rem 0; text-align: left; vertical-align: top; font-weight: normal; }
tr { border-bottom: 1px solid #ddd; } thead tr { border-bottom: 2px solid #222; } thead th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
ul { margin: 0; padding: 0; list-style: none; } li + li { margin-top: .25rem; }
.bar { display: flex; width: 13rem; height: 1rem; margin-top: .25rem; }
.bar i { display: block; height: 100%; }
i.p { background: #173a6e; } i.n { background: #e4e4e4; }
i.w { background: repeating-linear-gradient(45deg, #b8321b 0 3px, #d98a7c 3px 6px); }
.legend { font-size: .9rem; color: #555; } .legend span { margin-right: 1.4rem; white-space: nowrap; }
.legend i { display: inline-block; width: .9rem; height: .9rem; margin-right: .35rem; vertical-align: -.1rem; }
.legend b { display: inline-block; width: 1.3rem; margin-right: .35rem; text-align: center; }
.talk li { max-width: 60rem; } .title { min-width: 14rem; }
.marks td { text-align: center; padding: .1rem 0; border-left: 2px solid #fff; min-width: 1.3rem; font-size: .85rem; }
.marks td.number { padding: .1rem .8rem .1rem 0; font-size: 1rem; } .marks tbody th { padding: .1rem .8rem .1rem 0; }
.marks tbody th span { display: block; max-width: 15rem; overflow: hidden; white-space: nowrap; }
.marks tbody th span { text-overflow: ellipsis; }
.marks thead span { writing-mode: vertical-rl; transform: rotate(180deg); font-variant-numeric: tabular-nums; }
.marks thead th { padding-right: 0; } .marks tbody tr { border-bottom: 2px solid #fff; }
.marks th.number, .marks td.number { text-align: right; padding-right: .8rem; }
.mp { background: #dbe4f1; color: #173a6e; } .mw { background: #f0c4bb; color: #7d1f0f; font-weight: 600; }
.mn { color: #777; }
"""
