package demo

func writeCover(create func(string) (File, error), o Options) error { return nil }
