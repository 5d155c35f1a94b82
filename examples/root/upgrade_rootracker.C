// Makes EvtCode a TObjString and EvtFlags a TBits, as GENIE's own rootracker files have them:
//
//   root -l -b -q 'upgrade_rootracker.C("events.gtrac.root", "upgraded.gtrac.root")'
//
// Programs that bind these classes (edep-sim, spill builders of DUNE) then read our file as GENIE's.
// nugen-gan writes both without ROOT, which objects of these classes need.

#include <TBits.h>
#include <TFile.h>
#include <TKey.h>
#include <TObjString.h>
#include <TTree.h>

void upgrade_rootracker(const char* input, const char* output) {
  TFile from(input);
  auto* old = from.Get<TTree>("gRooTracker");
  if (!old) {
    printf("%s has no tree gRooTracker\n", input);
    return;
  }
  TFile to(output, "RECREATE");
  char code[1024] = "";
  old->SetBranchAddress("EvtCode", code);
  old->SetBranchStatus("EvtCode", false);
  TTree* made = old->CloneTree(0);
  old->SetBranchStatus("EvtCode", true);
  auto* text = new TObjString("");
  auto* flags = new TBits(16);
  made->Branch("EvtCode", "TObjString", &text, 32000, 1);
  made->Branch("EvtFlags", "TBits", &flags, 32000, 1);
  for (Long64_t i = 0; i < old->GetEntries(); ++i) {
    old->GetEntry(i);
    text->SetString(code);
    made->Fill();
  }
  made->Write();
  for (TObject* key : *from.GetListOfKeys()) {  // what made the events
    TObject* other = static_cast<TKey*>(key)->ReadObj();
    if (!other->InheritsFrom("TTree")) to.WriteObject(other, key->GetName());
  }
}
