"""params.yaml as typed, frozen, bounded models: one module a group of sections.

Import a section from its own module (`from nbarank.params.trees import XgbParams`), so that a
stage depends on the definitions of the parameters it reads and on no others.
"""
