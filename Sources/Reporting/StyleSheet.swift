/// How the report looks: light and dark as the reader's system is, and on paper.
enum StyleSheet {
    /// The rules; without `<` and `&`, so that they are the same in HTML and in XML.
    ///
    /// Text has a contrast of at least 4.5 to its ground, and marks of at least 3, in both schemes.
    static let css: Markup = """
        :root {
          --ground: #ffffff; --raised: #f5f6f8; --text: #1b2028; --quiet: #535c69; --rule: #cfd5dd; --grid: #e3e7ec;
          --accent: #1a5fa3; --pale: #b9d3ee; --notice: #fff6df; --notice-rule: #b07800;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --ground: #14181e; --raised: #1e242c; --text: #e8ebef; --quiet: #a6afbb; --rule: #3f4854; --grid: #2b323b;
            --accent: #78b4f0; --pale: #2c5682; --notice: #33290f; --notice-rule: #d9a63a;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; padding: 24px 20px 48px; max-width: 1120px; background: var(--ground); color: var(--text);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
        }
        h1 { margin: 0 0 4px; font-size: 28px; line-height: 1.2; }
        h2 { margin: 40px 0 12px; padding-top: 12px; border-top: 2px solid var(--rule); font-size: 22px; }
        p { margin: 0 0 12px; max-width: 75ch; }
        a { color: var(--accent); }
        a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        code { padding: 1px 4px; border-radius: 3px; background: var(--raised); font-size: 14px; overflow-wrap: anywhere; }
        .skip { position: absolute; left: -9999px; }
        .skip:focus { position: static; }
        header p, footer p { color: var(--quiet); }
        nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 12px 0 0; padding: 0; list-style: none; }
        .notice { padding: 10px 14px; border-left: 4px solid var(--notice-rule); background: var(--notice); }
        .notice code { background: transparent; padding: 0; font-weight: 600; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 0 20px; }
        .tiles div { padding: 12px 14px; border-radius: 6px; background: var(--raised); }
        .tiles dt { color: var(--quiet); font-size: 14px; }
        .tiles dd { margin: 0; }
        .tiles strong { display: block; font-size: 26px; line-height: 1.3; }
        .tiles span { color: var(--quiet); font-size: 14px; }
        .glossary div { margin: 0 0 6px; }
        .glossary dt { font-weight: 600; }
        .glossary dd { margin: 0; max-width: 75ch; }
        .beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 20px 40px; }
        .beside + .beside { margin-top: 20px; }
        figure { margin: 8px 0; min-width: 0; }
        figcaption { margin-bottom: 10px; font-weight: 600; }
        figure svg { display: block; max-width: 640px; }
        .legend { margin: 6px 0; color: var(--quiet); font-size: 14px; }
        .legend svg { display: inline-block; vertical-align: -3px; }
        details { margin: 8px 0; }
        summary { width: fit-content; color: var(--accent); cursor: pointer; }
        .scroll { overflow-x: auto; }
        table { margin: 8px 0; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
        caption { padding: 4px 0; text-align: left; font-weight: 600; }
        th, td { padding: 4px 16px 4px 0; border-bottom: 1px solid var(--grid); text-align: left; vertical-align: top; }
        th { font-weight: 600; }
        th, td { overflow-wrap: break-word; }
        tbody th { font-weight: 400; }
        thead th { border-bottom-color: var(--rule); color: var(--quiet); vertical-align: bottom; }
        tbody th:not(.l) { min-width: 18ch; max-width: 48ch; }
        tbody td:not(.n, .l) { min-width: 26ch; }
        .n { text-align: right; }
        tbody .n, tbody .l { white-space: nowrap; }
        footer { margin-top: 48px; border-top: 1px solid var(--rule); padding-top: 12px; font-size: 14px; }
        svg { overflow: visible; }
        svg text { fill: var(--text); font-size: 13px; }
        svg .tick { fill: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
        svg .axis { fill: var(--quiet); font-size: 12px; }
        svg .value { font-variant-numeric: tabular-nums; }
        svg .value { paint-order: stroke; stroke: var(--ground); stroke-width: 5px; stroke-linejoin: round; }
        .label {
          display: inline-block; max-width: 100%; padding-right: 4px; overflow: hidden; background: var(--ground);
          font-size: 13px; line-height: 20px; text-overflow: ellipsis; vertical-align: top; white-space: nowrap;
        }
        .grid { stroke: var(--grid); }
        .baseline { stroke: var(--quiet); }
        .reference { stroke: var(--text); stroke-width: 1.5; }
        .diagonal { stroke: var(--quiet); stroke-dasharray: 5 4; }
        .whisker { stroke: var(--accent); stroke-width: 1.5; }
        .curve { fill: none; stroke: var(--accent); stroke-width: 2.5; vector-effect: non-scaling-stroke; }
        .bar { fill: var(--accent); }
        .open { fill: none; stroke: var(--accent); stroke-width: 1.5; }
        .pale { fill: var(--pale); stroke: var(--accent); stroke-width: 0.75; }
        .mark .solid { fill: var(--accent); }
        .mark .hollow { fill: var(--ground); stroke: var(--accent); stroke-width: 2; }
        .mark .stroke { fill: none; stroke: var(--text); stroke-width: 2.5; }
        @media print {
          @page { margin: 15mm; }
          body { padding: 0; max-width: none; font-size: 11pt; }
          nav, .skip { display: none; }
          h2 { break-after: avoid; margin-top: 24px; }
          figure svg, tr, .tiles div { break-inside: avoid; }
          figcaption { break-after: avoid; }
          details:not([open]), summary { display: none; }
          .beside { grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); gap: 12px 24px; }
          .scroll { overflow: visible; }
          table { font-size: 9pt; }
          th, td { padding-right: 10px; }
          .bar, .pale, .mark, .tiles div, .notice { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """
}
