"""Small profiles for the reference, each of which is good as it stands."""

RECIPES: dict[str, str] = {
    "The smallest profile": """\
scope: http://127.0.0.1:8000
inputs:  {td: {osc: 9000}}
outputs: {program: {ndi: Scope Bridge}}
start:   {prompt: "bioluminescent reef at night, volumetric light"}
routes:
  - td/prompt -> prompt
  - td/speed  -> word/speed
""",
    "A fader that sends 0..1, and how far it may go": """\
scope:  {vace: images}
inputs: {desk: {osc: 9000, range: [0, 1]}}
start:  {prompt: slow rivers of molten glass}
routes:
  - {from: desk/fader/1, to: vace_context_scale, out: [0.8, 1.4], filters: [{smooth: 150 ms}]}
""",
    "A kick on top of a hand": """\
inputs: {td: {osc: 9000, range: [0, 1]}}
start:  {prompt: slow rivers of molten glass}
routes:
  - {from: td/fader, to: param/glow, in: [0, 1], out: [0, 1]}
  - name: kick                               # what has a name can be turned up and down
    from: td/kick
    to: param/glow
    out: [0, 0.5]
    mix: add                                 # on top of the fader, which stays where it is
    filters: [{envelope: {attack: 5 ms, decay: 400 ms}}]
  - td/depth -> route/kick/amount
""",
    "Scenes, and cues in their order": """\
inputs: {td: {osc: 9000}}
tempo:  {bpm: 124}
prompts:
  fade: 4 chunks
  bank: {reef: bioluminescent reef at night, neon: rain on neon glass}
start: intro
safe:  intro
scenes:
  intro: {prompt: reef, output/all/level: 1}
  drop:  {fade: 2 bars, curve: s, set: {prompt: neon, transition_steps: 8, param/glow: 1.5}}
cues:
  doors: {scene: intro}
  first: {scene: drop, wait: 4 bars, follow: 16 bars, note: when the strings stop}
  end:   {scene: intro}
routes:
  - td/go    -> cue/go
  - td/drop  -> scene/drop
  - td/undo  -> undo
  - td/panic -> panic
outputs: {program: {ndi: Scope Bridge}}
""",
    "Pages, and pads in a grid": """\
inputs: {apc: {osc: 9000, range: [0, 1]}}
loras:  {change: smooth, arcane: arcane-jinx.safetensors, ghibli: styles/ghibli.safetensors}
prompts: {bank: {reef: bioluminescent reef at night, neon: rain on neon glass}}
start:  {prompt: reef}
scenes: {calm: {lora/arcane: 0.2}, wild: {lora/arcane: 1.1, lora/ghibli: 0.4}}
pages:
  perform: {grids: {apc/pad: [[scene/calm, scene/wild], [prompt/reef, prompt/neon]]}}
  looks:
    while: apc/shift                         # as long as the button is held
    routes: [{from: "apc/fader/{n}", to: "lora/{n}"}]
routes:
  - apc/fader/1 -> vace_context_scale
scope: {vace: images}
""",
    "A controller: all scenes and prompts on its pads, a page of its own while shift is held": """\
inputs: {apc: {midi: "APC40 mkII*", controller: akai-apc40-mk2, takeover: pickup}}
loras:  {change: smooth, arcane: arcane-jinx.safetensors, ghibli: styles/ghibli.safetensors}
prompts: {fade: 4 chunks, bank: {reef: bioluminescent reef at night, neon: rain on neon glass}}
start:  {prompt: reef}
scenes: {calm: {lora/arcane: 0.2}, wild: {fade: 2 s, set: {lora/arcane: 1.1, lora/ghibli: 0.4}}}
routes:
  - {from: "apc/fader/{n}", to: "lora/{n}"}
  - apc/fader/master -> output/all/level
  - apc/encoder/cue -> transition_steps      # from wherever it is
  - apc/tap -> tap
pages:
  perform: {grids: {apc/pad: [scene/*, prompt/*], apc/stop: snapshot/recall/*}}
  keep:    {while: apc/shift, grids: {apc/stop: snapshot/save/*}}
lights:
  scene: {idle: dim red, waiting: blink red, active: red}
  value: {waiting: blink amber, active: green, clipped: red}
""",
    "A keyboard and knobs that the bridge does not know": """\
inputs: {keys: {midi: "Keystation*"}, box: {midi: "Box*", instance: 2}}
loras:  {change: smooth, arcane: arcane-jinx.safetensors}
start:  {prompt: slow rivers of molten glass}
routes:
  - keys/note/1/60 -> undo                   # `scope-bridge monitor` shows what each key sends
  - keys/note/1/62/velocity -> output/all/level
  - {from: keys/bend/1, to: lora/arcane, out: [-0.5, 0.5], mix: add}
  - {from: box/cc/1/16, to: lora/arcane, filters: [{encoder: auto}]}   # an endless knob
""",
    "A crossfade, with the middle as strong as the ends": """\
inputs: {desk: {osc: 9000, range: [0, 1]}}
prompts:
  slots: [base, accent]
  bank:  {reef: bioluminescent reef at night, neon: rain on neon glass}
start:
  prompt/base/text: reef
  prompt/accent/text: neon
routes:
  - {from: desk/crossfader, across: [prompt/base/weight, prompt/accent/weight], law: equal power}
""",
    "An oscillator, and another prompt every eight bars": """\
tempo: {bpm: 124}
prompts: {fade: 1 bar, bank: {reef: bioluminescent reef at night, neon: rain on neon glass}}
start: {prompt: reef}
scope: {vace: images}
routes:
  - {from: lfo/sine, period: 2 bars, to: vace_context_scale, out: [0.8, 1.4]}
  - {from: tempo/bar, every: 8, to: prompt/next}
""",
    "Two pipelines in a row: the depth of the video leads the picture": """\
inputs: {td: {osc: 9000}, cam: {video: {pattern: clock}}}
start:  {prompt: a city of glass at night}
scope:
  pipeline: [video-depth-anything, longlive]
  load: {longlive: {width: 576, height: 320}}
  video: cam
  vace: video                                            # the depth controls the picture
routes:
  - td/depth -> node/longlive/vace_context_scale
""",
    "Two Scopes, together and apart": """\
inputs: {td: {osc: 9000}}
scopes:
  left:  {url: http://gpu-a:8000, vace: images, standby: http://gpu-c:8000}
  right: {url: http://gpu-b:8000, vace: images}
start:  {prompt: bioluminescent reef at night, right/prompt: rain on neon glass}
routes:
  - td/both  -> vace_context_scale
  - td/left  -> left/vace_context_scale
  - td/dice  -> right/seed/random
  - td/spare -> left/standby
outputs:
  l: {ndi: Wall Left, from: left}
  r: {ndi: Wall Right, from: right}
""",
    "Snapshots on a row of buttons": """\
inputs: {td: {osc: 9000}}
start:  {prompt: slow rivers of molten glass}
routes:
  - {from: "td/snap/{n}", to: "snapshot/recall/{n}"}     # a press brings back what is kept there
pages:
  play: {}
  keep:
    while: td/save                                       # with this held, a press keeps what is live
    routes: [{from: "td/snap/{n}", to: "snapshot/save/{n}"}]
""",
    "Limits of your own": """\
inputs: {td: {osc: 9000}}
loras:  {arcane: arcane-jinx.safetensors}
start:  {prompt: slow rivers of molten glass}
guard:  {lora/arcane: {max_cuts: 1 per 4 s}}
routes:
  - td/arcane -> lora/arcane                 # each change cuts the picture, so not too often
""",
}
"""By what each is for."""
