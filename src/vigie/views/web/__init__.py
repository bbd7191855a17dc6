"""The browser's door: pages drawn on the server, live values by Server-Sent Events.

app        the whole application: pages, API, streams, static files
routing    routes found by the folder of their address
page       what a page is, and the registry of all
pages      the pages, one folder each
replays          how far the past of an account is replayed
request_context  one request: who, in which language, as of when, and how it asks operations
language   how a visitor reads: texts, numbers, times
script_texts  the language of a page for its scripts
menu       groups of pages, in the order of each kind of visitor
read_ahead pages drawn once at the start, for who comes first
rendering  templates and what they may use
template_context  how templates call macros and functions
assets     built scripts and styles by their hashed names
security_middleware  headers, hosts, sizes: what every request passes
fragments  which part of a page a script asks for
first_page  where a one-time link and a login lead
first_visit  tells once that somebody has opened a page
cookies    the three cookies, which scripts cannot read
error_pages  how what goes wrong is answered
level_chart  bars with prices as lines over them
source_counts  how many sources answer, counted in one way on every page
source_names  sources as people write them
suggestions  what a mistyped address may have meant
request_origin  where a request comes from
display_settings  how things look for a visitor
chosen_columns  which columns of a table a person sees
forms      what a browser may post, and proof that it came from our page
palette    what the command palette finds
palette_entries   one line of it: where it leads, or the look that it changes
palette_commands  forms that it opens, and looks that it changes at once
palette_alerts    alerts as a person says them, for the form
alert_grammar     the words that alerts are asked for with, as patterns
glossary   what the words of the field mean
citations  where the links of figures lead
pictures   charts as pictures, by address
drawings   where a chart keeps a person's drawings
unsubscribing  one request that ends the mails of a rule
alert_feeds    feeds of rules of alerts, for who holds their address
stream     what changes, as Server-Sent Events
stream_route  the address where a browser listens to that
refusals   what operations refuse, in the visitor's language
form_filling  a page's form with what was typed
form_pages   on which page a form stands
saved_forms  forms that were refused come back with what was typed
error_texts  what connectors fail with, as sentences
form_responses  how pages answer forms: on, or again with what must be corrected
model_texts  models and the strategies that follow them, in sentences
model_decision  what a model said where its log-odds are one of the criteria
unusual    which figures stand out against their own past
sorted_tables  tables in the order of the address, or in their usual one
metrics    how parts, connectors and jobs do, as Prometheus text; whether the home is ready
alert_metrics  how alerts do
tour  five steps on real pages
trade_metrics  how trading accounts do
server     uvicorn, stopped gracefully
identity   who asks: session, token, or the local owner
"""
