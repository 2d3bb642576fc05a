# SPDX-License-Identifier: BSD-3-Clause
# Sphinx: make docs

project = 'net_xskpmd'
copyright = '2026, the net_xskpmd authors'
extensions = []
root_doc = 'index'
exclude_patterns = ['bench', '*.md']
html_theme = 'alabaster'
html_theme_options = {
    'description': 'AF_XDP poll mode driver for DPDK',
    'page_width': '80em',
    'fixed_sidebar': True,
}
html_show_sphinx = False
