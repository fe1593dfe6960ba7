# With CMAKE_UNITY_BUILD, as scripts/check.sh builds for the sanitizers, files of a folder are compiled several at a time,
# which takes a third of the time. These have helpers of the same names as others of their folder, so they stay alone; in the
# targets named below, all do.
foreach(file
    lib/inference/predict.cpp
    lib/neural/gains.cpp
    lib/neural/gpfa.cpp
    lib/neural/kernel_average.cpp
    lib/neural/plds_posterior.cpp
    lib/neural/response_variance.cpp
    lib/neural/stacking.cpp
    lib/plot/gallery.cpp
    lib/plot/heat_maps.cpp
    lib/plot/mean_rates.cpp
    lib/plot/psth.cpp
    lib/plot/session_page.cpp
    lib/rnn/fused/fused_gru_engine.cpp
    lib/rnn/torch/torch_gru_engine.cpp
    lib/run/places.cpp
    tests/unit/core/folder_lock_test.cpp
    tests/unit/inference/leak_test_test.cpp
    tests/unit/rnn_fused/fused_gru_engine_test.cpp
    tests/unit/rnn_torch/torch_gru_engine_test.cpp)
  get_filename_component(folder ${PROJECT_SOURCE_DIR}/${file} DIRECTORY)
  if(file MATCHES "^tests/unit/")
    set(folder ${PROJECT_SOURCE_DIR}/tests/unit)
  endif()
  if((file MATCHES "^tests/" AND NOT RNN_RATES_BUILD_TESTS) OR (file MATCHES "torch/" AND NOT RNN_RATES_WITH_TORCH))
    continue()
  endif()
  set_property(SOURCE ${PROJECT_SOURCE_DIR}/${file} DIRECTORY ${folder} PROPERTY SKIP_UNITY_BUILD_INCLUSION ON)
endforeach()
foreach(target artifact plot_rates_stage test_neural test_session)
  if(TARGET ${target})
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  endif()
endforeach()
