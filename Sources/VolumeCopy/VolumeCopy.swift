// VolumeCopy
