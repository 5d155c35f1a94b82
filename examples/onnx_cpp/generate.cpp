// Leptons of a model in C++: the ONNX file of `nugen-gan export`, run by onnxruntime.
//
//   c++ -std=c++17 generate.cpp -I$ORT/include -L$ORT/lib -lonnxruntime -o generate
//   ./generate carbon.onnx 1000000 1.0        # events, neutrino energy [GeV]
//
// Inputs are energies and random numbers, outputs what a muon of such a neutrino does.

#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s MODEL.onnx EVENTS ENERGY\n", argv[0]);
    return 2;
  }
  const std::int64_t events = std::atoll(argv[2]), block = 8192;
  const float energy = static_cast<float>(std::atof(argv[3]));
  Ort::Env env(ORT_LOGGING_LEVEL_WARNING, "nugen-gan");
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  Ort::Session session(env, argv[1], options);
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const std::array<const char*, 2> inputs = {"enu", "uniform"};
  const std::array<const char*, 3> outputs = {"elep", "costheta", "channel"};

  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> flat(0.0, 1.0);
  double sum_energy = 0.0, sum_cosine = 0.0;
  std::int64_t quasielastic = 0;
  for (std::int64_t first = 0; first < events; first += block) {
    const std::int64_t n = std::min(block, events - first);
    std::vector<float> enu(n, energy);
    std::vector<double> uniform(3 * n);
    for (double& number : uniform) number = flat(random);
    const std::array<std::int64_t, 1> one = {n};
    const std::array<std::int64_t, 2> two = {3, n};
    std::array<Ort::Value, 2> given = {
        Ort::Value::CreateTensor<float>(memory, enu.data(), enu.size(), one.data(), one.size()),
        Ort::Value::CreateTensor<double>(memory, uniform.data(), uniform.size(), two.data(),
                                         two.size())};
    auto made = session.Run(Ort::RunOptions{nullptr}, inputs.data(), given.data(), given.size(),
                            outputs.data(), outputs.size());
    const double* elep = made[0].GetTensorData<double>();
    const double* costheta = made[1].GetTensorData<double>();
    const std::int64_t* channel = made[2].GetTensorData<std::int64_t>();
    for (std::int64_t i = 0; i < n; ++i) {
      sum_energy += elep[i];
      sum_cosine += costheta[i];
      quasielastic += channel[i] == 200;
    }
  }
  std::printf("mean lepton energy %.5f GeV, mean cosine %.5f, quasielastic %.4f\n",
              sum_energy / events, sum_cosine / events,
              static_cast<double>(quasielastic) / events);
  return 0;
}
